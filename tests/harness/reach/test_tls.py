"""TLS: private authorities, client certificates, and what is said if a certificate is not trusted."""

from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from tests.harness.cli.running import refused
from tests.harness.http.server import Said, serving
from tests.harness.reach.certificates import Authority
from tests.harness.reach.running import document, kept, run, written

PINS = {"pins": {"get_thing": {"rows": [{"actor": "anonymous", "answer": 200}]}}}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def thing(_: object) -> Said:
    return Said(200, {"id": 1})


async def test_pins_and_fuzzer_trust_a_private_authority_that_is_named(authority: Authority, tmp_path: Path):
    read = written(tmp_path, document(), PINS)
    with serving(thing, authority.server()) as server:
        result = await run(read, server.url, Connection(timeout=5, cacert=authority.file), fuzz=True)
    assert kept(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


async def test_a_variable_of_the_environment_names_the_authority_too(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with serving(thing, authority.server()) as server:
        assert kept(await run(written(tmp_path, document(), PINS), server.url)) == []


async def test_insecure_checks_no_certificate(authority: Authority, tmp_path: Path):
    read = written(tmp_path, document(), PINS)
    with serving(thing, authority.server("elsewhere.example")) as server:
        result = await run(read, server.url, Connection(timeout=5, insecure=True), fuzz=True)
    assert kept(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


@pytest.mark.parametrize(
    ("host", "days", "named", "reason"),
    [
        ("127.0.0.1", 1, False, "unable to get local issuer certificate"),
        ("elsewhere.example", 1, True, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ("127.0.0.1", -1, True, "certificate has expired"),
    ],
)
def test_a_certificate_that_is_not_trusted_is_one_line_that_says_why(
    authority: Authority, tmp_path: Path, host, days, named, reason
):
    written(tmp_path / "contract", document(), PINS)
    context = authority.server()
    context.load_cert_chain(*authority.issue(host, days))
    options = ("--cacert", authority.file) if named else ()
    with serving(thing, context) as server:
        refused(
            "verify", "--contract", tmp_path / "contract", "--url", server.url, *options,
            naming=f"certificate not trusted: {reason}; pass its authority with --cacert, or use --insecure",
        )  # fmt: skip


async def test_a_client_certificate_opens_a_server_that_asks_for_one(authority: Authority, tmp_path: Path):
    cert, key = authority.issue("client")
    read = written(tmp_path, document(), PINS)
    with serving(thing, authority.server(clients=True)) as server:
        connection = Connection(timeout=5, cacert=authority.file, cert=cert, key=key)
        result = await run(read, server.url, connection, fuzz=True)
    assert kept(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


async def test_without_a_client_certificate_the_message_names_the_options(authority: Authority, tmp_path: Path):
    read = written(tmp_path, document(), PINS)
    reached = Connection(timeout=5, cacert=authority.file)
    with (
        serving(thing, authority.server(clients=True)) as server,
        pytest.raises(CannotRun, match=r"certificate.* --cert and --key"),
    ):
        await run(read, server.url, reached)


async def test_https_at_a_port_of_plain_http_is_named(tmp_path: Path):
    with serving(thing) as server, pytest.raises(CannotRun, match="does not use TLS on this port; try http://"):
        await run(written(tmp_path, document(), PINS), server.url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("options", "naming"),
    [
        (("--cacert", "empty.pem"), "--cacert: cannot load empty.pem"),
        (("--cert", "empty.pem"), "--cert: cannot load empty.pem"),
        (("--key", "empty.pem"), "--key goes with --cert"),
        (("--cacert", "missing.pem"), "'missing.pem' does not exist"),
    ],
)
def test_a_file_that_is_no_certificate_is_one_line(tmp_path: Path, options, naming):
    written(tmp_path, document(), PINS)
    (tmp_path / "empty.pem").touch()
    refused("verify", "--contract", ".", "--url", "https://127.0.0.1:9", *options, naming=naming, cwd=tmp_path)
