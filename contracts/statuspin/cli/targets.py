"""Turn options into the target of a run, a running server or the contract's service, and into its plan."""

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
from statuspin.verify.probe import ensure_api_responds
from statuspin.verify.service import StartedService
from statuspin.verify.target import RunningServer, Target
from statuspin.verify.verification import Plan

_OVERRIDES = ("DATABASE_URL",)
"""Environment variables that override those of pins.yaml, so that CI can use its own database."""


async def open_target(
    stack: AsyncExitStack, contract: Contract, url: str | None, tokens: Path | None, connection: Connection
) -> Target:
    """Return the running server at `url`, after a probe, or else the contract's service.

    The service starts when its URL is first needed, and stops when `stack` is closed. tokens: the tokens file of a
    running server. connection: options of the connection to a running server.

    Raises CannotRun if an option or the tokens file is invalid, a variable is not set, the probe fails, or pins.yaml
    describes no service.
    """
    given = _read_tokens(contract, tokens)
    _ensure_variables_are_set(contract, given)
    if url is not None:
        if not _is_base_url(url):
            raise CannotRun(f"--url {url}: write a URL such as http://127.0.0.1:8000, without ? and #")
        await ensure_api_responds(contract, url, connection)
        return RunningServer(url, given)
    if contract.pins.service is None:
        absolute = [each for each in server_urls(contract.document) if "://" in each][:1]
        known = f"; {contract.document.name} lists {absolute[0]}" if absolute else ""
        raise CannotRun(
            f"{contract.folder}/pins.yaml has no `service` to start; name a running server with --url{known}"
        )
    if tokens:
        raise CannotRun("--tokens needs --url; the service gets its tokens from its own command")
    overlay = {name: os.environ[name] for name in _OVERRIDES if name in os.environ}
    return await stack.enter_async_context(StartedService(contract.pins.service, cwd=Path.cwd(), environment=overlay))


def _is_base_url(url: str) -> bool:
    """Return whether paths can be appended to a URL."""
    try:
        parts = urlsplit(url)
        valid = parts.port != 0  # a port out of range raises
    except ValueError:
        return False
    return valid and parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query + parts.fragment


def _ensure_variables_are_set(contract: Contract, given: dict[str, object]) -> None:
    """Raise CannotRun if an actor uses a `${VARIABLE}` that is not set, before a request is sent."""
    for name, actor in contract.pins.actors.items():
        if name in given:
            resolve_variables(given[name], f"the tokens file: {name}")
        else:
            resolve_variables(actor.model_dump(exclude_defaults=True), f"pins.yaml: actors → {name}")


def _read_tokens(contract: Contract, file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    given = read_mapping(file)
    known = ", ".join(contract.pins.actors)
    for name, value in given.items():
        if name not in contract.pins.actors:
            raise CannotRun(f"{file}: unknown actor {name!r}; pins.yaml defines {known}")
        if not isinstance(value, str | dict):
            raise CannotRun(
                f"{file}: {name}: expected a token, the body of a login, or the credentials of an actor as in pins.yaml"
            )
    if not given:
        raise CannotRun(f"{file}: no actors; write one line for each, `actor: token` (pins.yaml defines {known})")
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
    """Return the plan for the options of a command.

    A server at a URL receives only GET, HEAD and OPTIONS unless `allow_writes`, and the run removes the states that it
    created there. workers: for pins and for the fuzzer; 4 and 1 by default, because one thread of the fuzzer keeps a
    processor busy. parts: further fields of Plan.
    """
    budget = Budget(examples=examples, seed=seed, seconds=connection.timeout, workers=workers or 1)
    writes = url is None or allow_writes
    clean_up = url is not None
    return Plan(writes=writes, clean_up=clean_up, workers=workers or 4, connection=connection, budget=budget, **parts)
