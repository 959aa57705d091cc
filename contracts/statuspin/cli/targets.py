"""The target that options name, a running server or the service of the contract, and the plan of a run against it."""

import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from statuspin.contract.base_paths import server_urls
from statuspin.contract.environment import resolve_variables
from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.loading.files import read_mapping
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.probe import ensure_speaks
from statuspin.verify.service import StartedService
from statuspin.verify.target import RunningServer, Target
from statuspin.verify.verification import Plan

_HANDED_ON = ("DATABASE_URL",)
"""Variables of the environment that win over those of pins.yaml, so that a CI can bring its own database."""


async def target_of(
    stack: AsyncExitStack, contract: Contract, url: str | None, tokens: Path | None, connection: Connection
) -> Target:
    """The server at `url`, asked once; or the service, started when it is needed and stopped with `stack`.

    connection: how a running server is reached. Raises CannotRun.
    """
    given = _tokens(contract, tokens)
    _ensure_variables_are_set(contract, given)
    if url is not None:
        if not _is_base_url(url):
            raise CannotRun(f"--url {url}: not a URL such as http://127.0.0.1:8000, without ? and #")
        await ensure_speaks(contract, url, connection)
        return RunningServer(url, given)
    if contract.pins.service is None:
        absolute = [each for each in server_urls(contract.document) if "://" in each][:1]
        known = f"; {contract.document.name} names {absolute[0]}" if absolute else ""
        raise CannotRun(
            f"{contract.folder}/pins.yaml has no `service` to start; name a running server with --url{known}"
        )
    if tokens:
        raise CannotRun("--tokens goes with --url; the service's tokens come from its own command")
    overlay = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    return await stack.enter_async_context(StartedService(contract.pins.service, cwd=Path.cwd(), environment=overlay))


def _is_base_url(url: str) -> bool:
    """Whether paths can be put behind it."""
    try:
        parts = urlsplit(url)
        valid = parts.port != 0  # a port out of range raises
    except ValueError:
        return False
    return valid and parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query + parts.fragment


def _ensure_variables_are_set(contract: Contract, given: dict[str, object]) -> None:
    """Raise CannotRun, before anything is sent, for a `${VARIABLE}` of an actor that is not set."""
    for name, actor in contract.pins.actors.items():
        if name in given:
            resolve_variables(given[name], f"the tokens file: {name}")
        else:
            resolve_variables(actor.model_dump(exclude_defaults=True), f"pins.yaml: actors → {name}")


def _tokens(contract: Contract, file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    given = read_mapping(file)
    known = ", ".join(contract.pins.actors)
    for name, value in given.items():
        if name not in contract.pins.actors:
            raise CannotRun(f"{file}: unknown actor {name!r}; pins.yaml has {known}")
        if not isinstance(value, str | dict):
            raise CannotRun(
                f"{file}: {name}: a token or the body of a login is expected, or what an actor has in pins.yaml"
            )
    if not given:
        raise CannotRun(f"{file}: it names no actor; write one a line, `actor: token` (there are {known})")
    return given


def create_plan(
    url: str | None,
    *,
    allow_writes: bool,
    examples: int | None,
    seed: int,
    workers: int | None,
    connection: Connection,
    **parts: Any,
) -> Plan:
    """Return the plan for the options of a command. parts: which parts to run, as in Plan.

    workers: of pins and of the fuzzer; by default 4 and 1, because one thread of the fuzzer keeps a processor busy.

    A server at a URL is only read from unless `allow_writes`, and states that were created on it are removed again.
    """
    budget = Budget(examples=examples, seed=seed, seconds=connection.timeout, workers=workers or 1)
    writes = url is None or allow_writes
    tidy = url is not None
    return Plan(writes=writes, tidy=tidy, workers=workers or 4, connection=connection, budget=budget, **parts)
