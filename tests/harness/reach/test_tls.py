"""TLS: private authorities, client certificates, and errors for untrusted certificates."""

from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from tests.harness.cli.commands import assert_one_line_error
from tests.harness.http.server import Response, serve
from tests.harness.reach.certificates import Authority
from tests.harness.reach.runs import broken_pins, document, run, write_contract

PINS = {"pins": {"get_thing": {"rows": [{"actor": "anonymous", "answer": 200}]}}}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def thing(_: object) -> Response:
    return Response(200, {"id": 1})


async def test_pins_and_fuzzer_trust_the_given_authority(authority: Authority, tmp_path: Path):
    read = write_contract(tmp_path, document(), PINS)
    with serve(thing, authority.server()) as server:
        result = await run(read, server.url, Connection(timeout=5, cacert=authority.file), fuzz=True)
    assert broken_pins(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


async def test_the_authority_may_come_from_the_environment(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with serve(thing, authority.server()) as server:
        assert broken_pins(await run(write_contract(tmp_path, document(), PINS), server.url)) == []


async def test_no_certificate_is_checked_with_insecure(authority: Authority, tmp_path: Path):
    read = write_contract(tmp_path, document(), PINS)
    with serve(thing, authority.server("elsewhere.example")) as server:
        result = await run(read, server.url, Connection(timeout=5, insecure=True), fuzz=True)
    assert broken_pins(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


@pytest.mark.parametrize(
    ("host", "days", "named", "reason"),
    [
        ("127.0.0.1", 1, False, "unable to get local issuer certificate"),
        ("elsewhere.example", 1, True, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ("127.0.0.1", -1, True, "certificate has expired"),
    ],
)
def test_an_untrusted_certificate_is_one_line_with_the_reason(
    authority: Authority, tmp_path: Path, host, days, named, reason
):
    write_contract(tmp_path / "contract", document(), PINS)
    context = authority.server()
    context.load_cert_chain(*authority.issue(host, days))
    options = ("--cacert", authority.file) if named else ()
    with serve(thing, context) as server:
        assert_one_line_error(
            "verify", "--contract", tmp_path / "contract", "--url", server.url, *options,
            naming=f"certificate not trusted: {reason}; pass its authority with --cacert, or use --insecure",
        )  # fmt: skip


async def test_a_client_certificate_is_sent_if_the_server_requires_one(authority: Authority, tmp_path: Path):
    cert, key = authority.issue("client")
    read = write_contract(tmp_path, document(), PINS)
    with serve(thing, authority.server(clients=True)) as server:
        connection = Connection(timeout=5, cacert=authority.file, cert=cert, key=key)
        result = await run(read, server.url, connection, fuzz=True)
    assert broken_pins(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


async def test_an_error_names_the_options_if_a_client_certificate_is_missing(authority: Authority, tmp_path: Path):
    read = write_contract(tmp_path, document(), PINS)
    reached = Connection(timeout=5, cacert=authority.file)
    with (
        serve(thing, authority.server(clients=True)) as server,
        pytest.raises(CannotRun, match=r"certificate.* --cert and --key"),
    ):
        await run(read, server.url, reached)


async def test_an_error_if_the_port_is_plain_http(tmp_path: Path):
    with serve(thing) as server, pytest.raises(CannotRun, match="does not use TLS on this port; try http://"):
        await run(write_contract(tmp_path, document(), PINS), server.url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("options", "naming"),
    [
        (("--cacert", "empty.pem"), "--cacert: cannot load empty.pem"),
        (("--cert", "empty.pem"), "--cert: cannot load empty.pem"),
        (("--key", "empty.pem"), "--key needs --cert"),
        (("--cacert", "missing.pem"), "'missing.pem' does not exist"),
    ],
)
def test_an_invalid_certificate_file_is_one_line(tmp_path: Path, options, naming):
    write_contract(tmp_path, document(), PINS)
    (tmp_path / "empty.pem").touch()
    assert_one_line_error(
        "verify", "--contract", ".", "--url", "https://127.0.0.1:9", *options, naming=naming, cwd=tmp_path
    )
