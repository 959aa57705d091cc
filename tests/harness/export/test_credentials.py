"""The credentials of exported tests, on a server that requires an API key and a token."""

from pathlib import Path

import pytest

from statuspin.export import pytest_file
from tests.harness.export.exported import run_pytest
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import document, write_contract

ACTORS = {"anonymous": {"anonymous": True}, "caller": {"api_key": "x", "token": "y"}, "forger": {"tampered": "caller"}}
ROWS = [{"actor": ["anonymous", "forger"], "answer": 401}, {"actor": "caller", "answer": 200}]
PLACES = {
    "header": lambda received: received.headers.get("x-key") == "k3y",
    "query": lambda received: "x-key=k3y" in received.target,
    "cookie": lambda received: received.headers.get("cookie") == "x-key=k3y",
}


@pytest.mark.parametrize("place", PLACES)
def test_an_api_key_beside_a_token_has_its_own_environment_variable(tmp_path: Path, place: str) -> None:
    schemes = {"b": {"type": "http", "scheme": "bearer"}, "k": {"type": "apiKey", "in": place, "name": "x-key"}}
    described = document(security=[{"b": [], "k": []}], components={"securitySchemes": schemes})
    contract = write_contract(
        tmp_path, described, {"actors": ACTORS, "fuzzer": "caller", "pins": {"get_thing": {"rows": ROWS}}}
    )
    text = pytest_file(contract, contract.matrix)

    def respond(received: ReceivedRequest) -> Response:
        is_authorized = received.headers.get("authorization") == "Bearer t0ken" and PLACES[place](received)
        return Response(200, {"id": 1}) if is_authorized else Response(401, {"error": "unknown"})

    with serve(respond) as server:
        credentials = {"CALLER_CREDENTIALS": "Bearer t0ken", "CALLER_API_KEY": "k3y"}
        result = run_pytest(text, tmp_path, BASE_URL=server.url, **credentials)

    assert "CALLER_API_KEY=…, the API key of the actor caller" in text
    assert "CALLER_CREDENTIALS=…, the Authorization header, key or cookie of the actor caller" in text
    assert (result.returncode, result.stdout.splitlines()[-1].startswith("3 passed")) == (0, True), result.stdout
