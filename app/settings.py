"""The settings of the service, read once from the environment. Each description states the unit.

A setting can also be a file with its name in CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=. The
environment takes precedence.
"""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.settings_types import (
    COMMA_SEPARATED,
    ContextUrl,
    DatabaseUrl,
    HostName,
    JwtAlgorithm,
    LogLevel,
    ModelKey,
    ModelUrl,
    Origin,
    ReplicaUrl,
    Seconds,
    WebUrl,
)

CREDENTIALS_DIRECTORY = os.environ.get("CREDENTIALS_DIRECTORY") or None
"""The folder of files with settings. It may not exist."""

_SOURCES = SettingsConfigDict(
    frozen=True,
    extra="ignore",
    env_ignore_empty=True,
    hide_input_in_errors=True,
    secrets_dir=CREDENTIALS_DIRECTORY if CREDENTIALS_DIRECTORY and Path(CREDENTIALS_DIRECTORY).is_dir() else None,
)


class Settings(BaseSettings):
    """The settings of the service. For an invalid value, the error names the variable and what is expected."""

    model_config = _SOURCES

    database_url: DatabaseUrl | None = Field(
        None,
        description="URL of PostgreSQL ≥ 14, or `cockroachdb://…`; several hosts with "
        "`target_session_attrs=read-write`; "
        "unset: an embedded PostgreSQL in the state folder",
    )
    state_dir: Path = Field(Path(".state"), description="folder of the keys and the embedded database")
    environment: str = Field("development", description="name of the environment, reported by `/health`")
    demo_accounts: bool | None = Field(
        None, description="create the demo accounts and offer them on the pages; unset: only with the embedded database"
    )

    replica_url: ReplicaUrl | None = Field(
        None,
        description="URL of a streaming replica for reads that may be slightly old; several hosts with "
        "`target_session_attrs=standby`; unset: none",
    )
    replica_max_lag: Seconds = Field(
        1.0, description="maximum age of such a read in seconds; use the same value for all services on the database"
    )
    statement_cache: bool = Field(
        default=True,
        description="keep prepared statements between transactions; set to false behind PgBouncer in transaction mode",
    )
    pool_max_size: int = Field(10, ge=1, le=1000, description="maximum number of connections per worker")
    pool_acquire_timeout: Seconds = Field(3.0, description="seconds to wait for a free connection, then 503")
    connect_timeout: Seconds = Field(5.0, description="seconds to wait for a new connection")
    statement_timeout: Seconds = Field(5.0, description="seconds that one statement may take, then 503")
    lock_timeout: Seconds = Field(3.0, description="seconds to wait for a locked row, then 503")
    idle_in_transaction_timeout: Seconds = Field(
        10.0, description="seconds that a transaction may idle before PostgreSQL ends it"
    )
    transaction_attempts: int = Field(
        5,
        ge=1,
        le=20,
        description="attempts per transaction after serialization failures, deadlocks and lost connections",
    )
    interviewer_timeout: Seconds = Field(20.0, description="seconds that the interviewer may take, then 503")
    request_timeout: Seconds = Field(30.0, description="seconds that a request may take up to its COMMIT, then 503")
    header_timeout: Seconds = Field(10.0, description="seconds for the headers of a request to arrive, then 408")
    body_timeout: Seconds = Field(20.0, description="seconds for the body of a request to arrive, then 408")
    max_target_size: int = Field(8192, ge=1024, le=65536, description="bytes of the request target, then 414")
    max_header_size: int = Field(16384, ge=1024, le=65536, description="bytes of one header, then 431")
    max_headers_size: int = Field(65536, ge=1024, le=1048576, description="bytes of all headers, then 431")
    max_headers: int = Field(100, ge=10, le=1000, description="number of headers, then 431")
    max_concurrent_requests: int = Field(
        1000, ge=1, le=100_000, description="requests that one worker handles at once, then 503; health is exempt"
    )
    worker_start_timeout: Seconds = Field(
        60.0, description="seconds for a new worker to start after SIGHUP; then the old workers stay"
    )
    overlap: Literal["queue", "raise"] = Field(
        "queue",
        description="if two statements run at once in one transaction: `queue` the second with a warning, or `raise`",
    )
    server_timing: bool = Field(
        default=False, description="send the number of SQL statements in a `Server-Timing` header"
    )
    idempotency_hours: int = Field(24, ge=1, le=8760, description="hours that an Idempotency-Key is stored")

    interviewer: Literal["scripted", "llm"] = Field(
        "scripted", description="source of the questions: the included guide (`scripted`) or a language model (`llm`)"
    )
    guide_dir: Path | None = Field(
        None, description="folder of an organization's own guides; unset: only those that come with the service"
    )
    min_questions: int = Field(
        6,
        ge=1,
        le=50,
        description="questions before the interviewer may end an interview; a wish to stop always ends it",
    )
    max_questions: int = Field(
        20, ge=2, le=50, description="maximum number of questions in an interview, with the closing message"
    )
    context_file: Path | None = Field(
        None, description="YAML file of the known processes, roles and systems of organizations; unset: none"
    )
    context_url: ContextUrl | None = Field(
        None,
        description="URL of the same as JSON for the organization of a caller, whose token it gets; unset: none",
    )
    context_timeout: Seconds = Field(2.0, description="seconds to wait for the context; then the turn goes on without")
    llm_base_url: ModelUrl | None = Field(
        None,
        description="with `llm`: URL of an OpenAI-compatible API, such as `http://127.0.0.1:11434/v1`",
    )
    llm_model: str | None = Field(None, description="with `llm`: name of the model")
    llm_api_key: ModelKey | None = Field(
        None, description="with `llm`: API key, never logged; any text if the API needs none"
    )

    jwt_jwks_url: WebUrl | None = Field(None, description="JWKS URL of an external issuer; unset: local keys and login")
    jwt_issuer: str = Field("interview-system", min_length=1, description="required `iss` of tokens")
    jwt_audience: str = Field("interview-system", min_length=1, description="required `aud` of tokens")
    jwt_key_dir: Path | None = Field(
        None, description="folder of the signing keys, shared by all machines; unset: `keys` in the state folder"
    )
    jwt_algorithms: Annotated[tuple[JwtAlgorithm, ...], *COMMA_SEPARATED] = Field(
        ("RS256",),
        min_length=1,
        description="algorithms accepted from an external issuer, comma-separated: RS256, ES256, EdDSA",
    )
    jwt_leeway: float = Field(
        0.0, ge=0, le=300, description="seconds of clock difference tolerated in `exp`, `nbf` and `iat`"
    )
    oidc_authorization_url: WebUrl | None = Field(
        None, description="with OIDC_CLIENT_ID: URL of the external issuer's login page (authorization endpoint)"
    )
    oidc_token_url: WebUrl | None = Field(
        None, description="with OIDC_CLIENT_ID: URL at which the page exchanges its code (token endpoint), with CORS"
    )
    oidc_client_id: str | None = Field(
        None,
        description="id of the interview page at the external issuer, a public client with PKCE; unset: no page",
    )
    oidc_scope: str = Field("openid profile email", description="scopes that the interview page asks for")
    oidc_resource: str | None = Field(
        None, description="`resource` of the access token (RFC 8707), if the issuer needs one; usually JWT_AUDIENCE"
    )
    token_lifetime: int = Field(3600, ge=1, le=31_536_000, description="seconds until an issued token expires")
    jwks_timeout: Seconds = Field(3.0, description="seconds to wait for the key server")
    jwks_max_age: Seconds = Field(600.0, description="seconds after which cached keys are fetched again")

    login_attempts: int = Field(10, ge=1, description="logins per address and window, then 429")
    login_window: int = Field(60, ge=1, le=86400, description="seconds of the window, and of the block that follows")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], *COMMA_SEPARATED] = Field(
        (), description="addresses or networks of proxies whose X-Forwarded-For is trusted, separated by commas"
    )
    cors_origins: Annotated[tuple[Origin, ...], *COMMA_SEPARATED] = Field(
        (), description="origins that browsers may call from, separated by commas"
    )

    admin: bool = Field(default=False, description="serve the admin pages at `/admin`; requires the extra `admin`")
    admin_hosts: Annotated[tuple[HostName, ...], *COMMA_SEPARATED] = Field(
        (), description="host names of the admin pages, separated by commas; required for login over HTTPS"
    )
    admin_session_lifetime: int = Field(
        3600, ge=60, le=86400, description="seconds until a login to the admin pages expires"
    )

    metrics_port: int = Field(
        0, ge=0, le=65535, description="port of the Prometheus metrics of all workers, at `/metrics`; 0: none"
    )
    metrics_host: str = Field("127.0.0.1", min_length=1, description="address that the metrics port listens on")
    traces: bool = Field(
        default=False, description="export OpenTelemetry traces over OTLP/HTTP, configured by the `OTEL_*` variables"
    )
    log_level: LogLevel = Field("info", description="minimum level of logged events")
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="`auto`: text on a terminal, otherwise JSON"
    )

    @field_validator("context_url")
    @classmethod
    def _check_context_url(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and others.data.get("context_file") is not None:
            raise ValueError("CONTEXT_FILE is set, too; unset one of them")
        return value

    @field_validator("max_questions")
    @classmethod
    def _check_max_questions(cls, value: int, others: ValidationInfo) -> int:
        if value <= others.data.get("min_questions", 0):
            raise ValueError("Number should be greater than MIN_QUESTIONS")
        return value

    @field_validator("replica_url")
    @classmethod
    def _check_replica_url(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and not (others.data.get("database_url") or "postgres").startswith("postgres"):
            raise ValueError("only PostgreSQL has a streaming replica; unset REPLICA_URL")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _check_oidc_client_id(cls, value: str | None, others: ValidationInfo) -> str | None:
        names = ("jwt_jwks_url", "oidc_authorization_url", "oidc_token_url")
        missing = [name.upper() for name in names if not others.data.get(name)]
        if value is not None and missing:
            raise ValueError(f"also set {', '.join(missing)}")
        return value

    @property
    def key_dir(self) -> Path:
        """The folder of the signing keys."""
        return self.jwt_key_dir or self.state_dir / "keys"

    @property
    def uses_accounts(self) -> bool:
        """Whether the service reads accounts: it issues tokens or has the admin pages."""
        return self.jwt_jwks_url is None or self.admin


class _StartupSettings(BaseSettings):
    model_config = _SOURCES

    database_url: str | None = None


def database_url_at_start() -> str | None:
    """Return DATABASE_URL without validation. Used while modules are imported."""
    return _StartupSettings().database_url
