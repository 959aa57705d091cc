"""Every wrong use of the command line prints one line and exits with 2, never a traceback."""

import socket

import pytest

from tests.support.cluster import build_url
from tests.support.command_line import assert_one_line_error, run_command, run_subprocess

UNREACHABLE = "postgresql://someone:hunter2@127.0.0.1:1/interviews"


def test_the_help_is_printed_if_no_command_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    result = run_command(capsys)

    assert (result.returncode, result.stderr) == (0, "")
    for command in ("serve", "token", "account", "migrate", "doctor", "backup", "restore", "prune"):
        assert command in result.stdout


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["sevre"], "sevre"),
        (["serve", "--port", "http"], "--port"),
        (["serve", "--workers", "0"], "--workers"),
        (["serve", "--reload", "--workers", "2"], "--reload runs one process: omit --workers"),
        (["serve", "--host", "nowhere.invalid"], "nowhere.invalid"),
        (["token"], "--role"),
        (["token", "--role", "owner"], "owner"),
        (["token", "--role", "admin", "--employee", "me"], "--employee"),
        (["account", "add", "a@b.c"], "--organization"),
        (["account", "add", "@", "--organization", "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"], "EMAIL"),
        (["account", "add", "a b@c", "--organization", "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"], "EMAIL"),
        (["account", "add", "a@b.c", "--name", "a" * 256], "--name"),
        (["account", "add", "a@b.c", "--name", "a\udcff"], "--name"),
        (["account", "add", "a@b.c", "--organization-name", "a" * 256], "--organization-name"),
        (["account", "password", "a@b.c"], "ACCOUNT_PASSWORD"),
        (["account", "grant", "a@b.c", "everything"], "everything"),
        (["account", "grant", "a@b.c"], "RIGHTS"),
        (["account"], "Missing command. Choose from: add, grant, list, password, remove, revoke"),
    ],
)
def test_2_if_an_argument_is_wrong(capsys: pytest.CaptureFixture[str], arguments: list[str], naming: str) -> None:
    assert_one_line_error(run_command(capsys, *arguments), naming=naming)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL_MAX_SIZE", "many"),
        ("STATEMENT_TIMEOUT", "-1"),
        ("DATABASE_URL", "mysql://localhost/interviews"),
        ("DATABASE_URL", "postgresql://localhost:99999/interviews"),
        ("JWT_JWKS_URL", "issuer.example"),
        ("TRUSTED_PROXIES", "proxy"),
        ("OVERLAP", "ignore"),
        ("ADMIN", "perhaps"),
        ("ADMIN_SESSION_LIFETIME", "1"),
        ("LOG_LEVEL", "loud"),
        ("STATEMENT_TIMEOUT", "nan"),
        ("REPLICA_URL", "postgresql://[::1/x"),
        ("JWT_JWKS_URL", "http://"),
        ("LLM_BASE_URL", "https:///v1"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/path"),
        ("CORS_ORIGINS", "https://app.example/"),
        ("ADMIN_HOSTS", "https://interviews.example"),
        ("OIDC_CLIENT_ID", "interview-page"),
    ],
)
def test_2_if_a_setting_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert_one_line_error(run_command(capsys, "migrate"), naming=name)


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_2_without_the_password_if_the_database_is_unreachable(command: str) -> None:
    result = run_subprocess(command, *(["--port", "0"] if command == "serve" else []), DATABASE_URL=UNREACHABLE)

    assert_one_line_error(
        result, naming="interviews on 127.0.0.1 port 1 cannot be used: out of reach: no server listens there"
    )
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "postgresql://someone:hunter2@nowhere.invalid/interviews",
            "on nowhere.invalid cannot be used: out of reach: ",
        ),
        ("postgresql://someone:hunter2@127.0.0.1:1/interviews?sslmode=sure", "`sslmode` parameter must be one of"),
        ("postgresql:///interviews?host=/nonexistent", "on /nonexistent cannot be used: out of reach: No such file"),
    ],
)
def test_2_with_the_reason_if_the_connection_fails(url: str, why: str) -> None:
    result = run_subprocess("migrate", DATABASE_URL=url)

    assert_one_line_error(result, naming=why)
    assert "hunter2" not in result.stderr


def test_2_if_the_server_does_not_know_a_parameter_of_the_url() -> None:
    url = build_url("postgres")

    result = run_subprocess("migrate", DATABASE_URL=f"{url}{'&' if '?' in url else '?'}schema=public")

    assert_one_line_error(result, naming='its URL cannot be used: unrecognized configuration parameter "schema"')


@pytest.mark.parametrize("command", ["serve", "migrate", "doctor", "token --role admin"])
@pytest.mark.parametrize("folder", ["/proc/version", "/nowhere/at/all"])
def test_2_if_the_credentials_directory_does_not_exist(command: str, folder: str) -> None:
    result = run_subprocess(*command.split(), CREDENTIALS_DIRECTORY=folder)

    assert_one_line_error(result, naming=f"CREDENTIALS_DIRECTORY is '{folder}': expected an existing folder")


def test_2_if_the_port_is_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])

        assert_one_line_error(run_command(capsys, "serve", "--port", port), naming=port)


def test_2_if_the_tokens_have_an_external_issuer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_JWKS_URL", "http://127.0.0.1:1/jwks")

    assert_one_line_error(run_command(capsys, "token", "--role", "admin"), naming="JWT_JWKS_URL")


def test_2_if_the_password_is_not_utf8(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_PASSWORD", "secret\udcff")

    assert_one_line_error(run_command(capsys, "account", "password", "a@b.c"), naming="--password")
