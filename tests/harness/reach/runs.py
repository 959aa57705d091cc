"""Small contracts, and runs of the harness and of servers in this process."""

from pathlib import Path
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.http.connection import Connection
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.probe import ensure_api_responds
from statuspin.verify.target import RunningServer
from statuspin.verify.verification import Plan, Result, Verification
from tests.harness.contract.samples import body_response, contract, raw

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
ERROR = body_response({"type": "object"})
SECRETS = ("sesame", "s3cret")


def document(*, paths: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the document of an API with a thing to read and create. `more` adds members."""
    things = {
        "/thing": {
            "get": {"operationId": "get_thing", "responses": {"200": body_response(THING), "401": ERROR}},
            "post": {
                "operationId": "make_thing",
                "responses": {"201": body_response(THING), "401": ERROR, "403": ERROR},
            },
        },
        **(paths or {}),
    }
    return {**raw(things), **more}


def write_contract(folder: Path, read: dict[str, Any], pins: dict[str, Any]) -> Contract:
    """Write and read a contract."""
    return contract(folder, read, {"actors": {"anonymous": {"anonymous": True}}, **pins})


async def run(
    read: Contract,
    url: str,
    connection: Connection | None = None,
    *,
    fuzz: bool = False,
    tokens: dict[str, object] | None = None,
    workers: int = 1,
) -> Result:
    """Verify the contract on a server, like the command line."""
    connection = connection or Connection(timeout=5)
    await ensure_api_responds(read, url, connection)
    plan = Plan(
        fuzz=fuzz, workers=workers, connection=connection, budget=Budget(examples=3, seconds=connection.timeout)
    )
    return await Verification(read, RunningServer(url, tokens or {}), plan).run()


def broken_pins(result: Result) -> list[str]:
    """Return the pins that were not kept, as lines."""
    return [str(outcome) for outcome in result.outcomes if outcome.verdict != "kept"]
