"""Small contracts, and whole runs of the harness in this process against servers of this process."""

from pathlib import Path
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.http.connection import Connection
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.probe import ensure_speaks
from statuspin.verify.target import RunningServer
from statuspin.verify.verification import Plan, Result, Verification
from tests.harness.contract.samples import answering, contract, raw

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
ERROR = answering({"type": "object"})
SECRETS = ("sesame", "s3cret")


def document(*, paths: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An API with a thing that can be read and made; `more` of the document's members."""
    things = {
        "/thing": {
            "get": {"operationId": "get_thing", "responses": {"200": answering(THING), "401": ERROR}},
            "post": {"operationId": "make_thing", "responses": {"201": answering(THING), "401": ERROR, "403": ERROR}},
        },
        **(paths or {}),
    }
    return {**raw(things), **more}


def written(folder: Path, read: dict[str, Any], pins: dict[str, Any]) -> Contract:
    """The contract with these files."""
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
    """Verify the contract on a server, as the command line does it."""
    connection = connection or Connection(timeout=5)
    await ensure_speaks(read, url, connection)
    plan = Plan(
        fuzz=fuzz, workers=workers, connection=connection, budget=Budget(examples=3, seconds=connection.timeout)
    )
    return await Verification(read, RunningServer(url, tokens or {}), plan).run()


def kept(result: Result) -> list[str]:
    """What was not kept of the pins; nothing if all is well."""
    return [str(outcome) for outcome in result.outcomes if outcome.verdict != "kept"]
