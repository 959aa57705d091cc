"""Every knob of the service, read once from the environment and handed down. Units are in each description.

Where CREDENTIALS_DIRECTORY names a folder (as systemd does for a unit with LoadCredential=), each file in it that has a
setting's name is that setting; the environment wins.
"""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.settings_types import (
    LISTED,
    DatabaseUrl,
    HostName,
    LogLevel,
    ModelKey,
    ModelUrl,
    Origin,
    ReplicaUrl,
    Seconds,
    WebUrl,
)

CREDENTIALS = os.environ.get("CREDENTIALS_DIRECTORY") or None
"""The folder of files that are settings, as it is given; there may be none."""

_SOURCES = SettingsConfigDict(
    frozen=True,
    extra="ignore",
    env_ignore_empty=True,
    hide_input_in_errors=True,
    secrets_dir=CREDENTIALS if CREDENTIALS and Path(CREDENTIALS).is_dir() else None,
)


class Settings(BaseSettings):
    """The service's settings. A wrong value is refused at start, naming variable, value and what is expected."""

    model_config = _SOURCES

    database_url: DatabaseUrl | None = Field(
        None,
        description="PostgreSQL ≥ 14 as a URL, or `cockroachdb://…`; unset: an embedded PostgreSQL in the state folder",
    )
    state_dir: Path = Field(Path(".state"), description="folder for keys and the embedded database")
    environment: str = Field("development", description="named in the health answer")
    demo_accounts: bool | None = Field(
        None, description="make the demo accounts, and offer them on the pages; unset: with the embedded database alone"
    )

    replica_url: ReplicaUrl | None = Field(
        None, description="a streaming replica of the database, for reads that may be old; unset: none"
    )
    replica_max_lag: Seconds = Field(
        1.0, description="seconds that such a read may be old at the most, the same for all services on the database"
    )
    statement_cache: bool = Field(
        default=True,
        description="keep prepared statements between transactions; false behind PgBouncer's transaction mode",
    )
    pool_max_size: int = Field(10, ge=1, le=1000, description="connections at the most, per worker")
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
        description="how often a transaction is tried: serialization failures, deadlocks, connections lost",
    )
    interviewer_timeout: Seconds = Field(20.0, description="seconds that the interviewer may think, then 503")
    request_timeout: Seconds = Field(
        30.0, description="seconds that a whole request may take up to its COMMIT, then 503"
    )
    overlap: Literal["queue", "raise"] = Field(
        "queue", description="two statements at once in one transaction: queue the second with a warning, or raise"
    )
    server_timing: bool = Field(
        default=False, description="tell each answer's number of SQL statements in a Server-Timing header"
    )
    idempotency_hours: int = Field(24, ge=1, le=8760, description="hours that an Idempotency-Key is remembered")

    interviewer: Literal["scripted", "llm"] = Field(
        "scripted", description="who asks the questions: the guide that comes along, or a language model"
    )
    llm_base_url: ModelUrl | None = Field(
        None,
        description="with `llm`: where an OpenAI-compatible API lives, such as `http://127.0.0.1:11434/v1`",
    )
    llm_model: str | None = Field(None, description="with `llm`: the model's name there")
    llm_api_key: ModelKey | None = Field(
        None, description="with `llm`: the key to it, which no log shows; any text where none is asked for"
    )

    jwt_jwks_url: WebUrl | None = Field(None, description="JWKS of an outer issuer; unset: own keys, and login")
    jwt_issuer: str = Field("interview-system", min_length=1, description="`iss` that tokens must carry")
    jwt_audience: str = Field("interview-system", min_length=1, description="`aud` that tokens must carry")
    jwt_key_dir: Path | None = Field(
        None, description="folder of signing keys, to share between machines; unset: `keys` in the state folder"
    )
    jwt_leeway: float = Field(
        0.0, ge=0, le=300, description="seconds of clock difference to forgive in exp, nbf and iat"
    )
    token_lifetime: int = Field(3600, ge=1, le=31_536_000, description="seconds that an issued token is good for")
    jwks_timeout: Seconds = Field(3.0, description="seconds to wait for the key server")
    jwks_max_age: Seconds = Field(600.0, description="seconds after which fetched keys are fetched again")

    login_attempts: int = Field(10, ge=1, description="logins per address within the window, then 429")
    login_window: int = Field(60, ge=1, le=86400, description="seconds of that window, and of the block that follows")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], *LISTED] = Field(
        (), description="addresses or networks whose X-Forwarded-For is believed, comma-separated"
    )
    cors_origins: Annotated[tuple[Origin, ...], *LISTED] = Field(
        (), description="origins that browsers may call from, comma-separated"
    )

    admin: bool = Field(default=False, description="serve the admin pages at /admin; needs the extra `admin`")
    admin_hosts: Annotated[tuple[HostName, ...], *LISTED] = Field(
        (), description="host names of the admin pages, comma-separated; without them no login over https"
    )
    admin_session_lifetime: int = Field(
        3600, ge=60, le=86400, description="seconds that a login to the admin pages is good for"
    )

    metrics_port: int = Field(
        0, ge=0, le=65535, description="port of `serve` for Prometheus, at `/metrics`, for all workers; 0: none"
    )
    metrics_host: str = Field("127.0.0.1", min_length=1, description="address that this port listens on")
    traces: bool = Field(
        default=False, description="export OpenTelemetry traces over OTLP/HTTP; OTEL_* variables say where and how much"
    )
    log_level: LogLevel = Field("info", description="least level that is logged")
    log_format: Literal["auto", "text", "json"] = Field("auto", description="auto: text on a terminal, JSON elsewhere")

    @field_validator("replica_url")
    @classmethod
    def _follows_postgresql(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and (others.data.get("database_url") or "").startswith("cockroachdb://"):
            raise ValueError("CockroachDB has no streaming replica; unset REPLICA_URL")
        return value

    @property
    def key_dir(self) -> Path:
        """Where signing keys live."""
        return self.jwt_key_dir or self.state_dir / "keys"


class _AtStart(BaseSettings):
    model_config = _SOURCES

    database_url: str | None = None


def database_url_at_start() -> str | None:
    """DATABASE_URL as it is given, unchecked; for what has to be decided while modules load."""
    return _AtStart().database_url
