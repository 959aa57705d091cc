"""The fuzzer's phase of a run: in a separate thread, with the credentials of its actor, and with a time limit."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar, cast

from statuspin.contract.document import Document
from statuspin.contract.security import requires_credentials
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Exchange
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.fuzzing import Fuzzer, FuzzResult
from statuspin.verify.servers import Servers
from statuspin.verify.target import PreconditionUnavailable

T = TypeVar("T")
_PATIENCE_IN_TIMEOUTS = 10
_MIN_PATIENCE = 30.0
_POLL_INTERVAL = 1.0


async def run_fuzzer(
    servers: Servers,
    url: str,
    budget: Budget,
    on_exchange: Callable[[Exchange], None],
    progress: Callable[[str], None],
) -> FuzzResult:
    """Fuzz the server at `url` as the contract's `fuzzer` actor, and return the result; see `Fuzzer.run`.

    If the actor has no credentials, only operations that need none are fuzzed. If the thread hangs in a request without
    a time limit, it is abandoned. on_exchange: receives every exchange. progress: receives the phase and operation.
    Raises CannotRun if the document cannot be loaded.
    """
    errors: list[str] = []
    try:
        credentials = await _credentials_provider(servers)
    except PreconditionUnavailable as reason:
        credentials, chosen = None, _find_open_operations(servers.contract.document, budget)
        if not chosen:
            return FuzzResult(errors=[f"no operation was fuzzed: {reason}"])
        errors.append(f"only operations that need no credentials were fuzzed: {reason}")
        budget = replace(budget, operations=chosen)
    fuzzer = Fuzzer(servers.contract.document, url, budget, credentials, servers.connection, servers.resends)
    patience = max(_PATIENCE_IN_TIMEOUTS * servers.connection.timeout, _MIN_PATIENCE)
    running = run_in_daemon_thread(fuzzer.run, on_exchange, progress)
    try:
        while not running.done():
            await asyncio.wait([running], timeout=_POLL_INTERVAL)
            if fuzzer.idle_seconds > patience and not running.done():
                return FuzzResult(errors=errors, unfinished=f"no request or response for {patience:g} s")
        fuzzed = await running
        fuzzed.errors[:0] = errors
        return fuzzed
    finally:
        fuzzer.stop()


def _find_open_operations(document: Document, budget: Budget) -> tuple[str, ...]:
    """Return the operations to fuzz without credentials, or () if the document does not declare which need them."""
    if not any(requires_credentials(document, operation) for operation in document.operations.values()):
        return ()
    return tuple(
        operation.id
        for operation in document.operations.values()
        if not requires_credentials(document, operation) and operation.id in (budget.operations or [operation.id])
        and operation.method.upper() in (budget.methods or [operation.method.upper()])
    )  # fmt: skip


async def _credentials_provider(servers: Servers) -> Callable[[bool], Credentials] | None:
    """Return a function that the fuzzer calls, in its thread, for the credentials of its actor, or None without actor.

    Raises PreconditionUnavailable if the actor has no credentials.
    """
    actor = servers.contract.pins.fuzzer
    used = await servers.credentials(actor) if actor else None
    if actor is None or not used:
        return None
    loop, latest = asyncio.get_running_loop(), [used]

    def current(again: bool) -> Credentials:  # noqa: FBT001
        if again:
            renewing = servers.renew(actor, latest[0])
            latest[0] = asyncio.run_coroutine_threadsafe(renewing, loop).result()
        return latest[0]

    return current


def run_in_daemon_thread(function: Callable[..., T], *arguments: Any) -> "asyncio.Future[T]":
    """Run a function in a daemon thread, which does not delay the exit of the process. Return its future result."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast("T", result))

    def work() -> None:
        try:
            result, error = function(*arguments), None
        except BaseException as caught:  # noqa: BLE001 - awaiting the future raises it
            result, error = None, caught
        with suppress(RuntimeError):  # the loop is already closed
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    return future
