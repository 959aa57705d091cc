"""Apply one mutant at a time to a copy of the service and find the pin, or the fuzzer's check, that notices it."""

import asyncio
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.http.failures import NO_RESPONSE_IN_TIME
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.fuzzing import Fuzzer
from statuspin.verify.pinning import Outcome, Pinning, Verdict
from statuspin.verify.servers import Servers
from statuspin.verify.service import StartedService
from tests.mutants.catalogue import Mutant
from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT

_COPIED = ("app", "tables", "contracts", "tests", "piccolo_conf.py", "pyproject.toml")
_EXAMPLES = 10
_AT_ONCE = 4
_SECONDS = 8.0


@dataclass(frozen=True)
class MutantResult:
    """What noticed a mutant.

    killer: the broken pin or the failed check; None if the mutant survived.
    fuzzer: what plain Schemathesis noticed; empty: nothing; None: it did not run.
    """

    mutant: Mutant
    killer: str | None
    fuzzer: str | None


class MutantRunner:
    """Runs mutants one after another in a copy of the service's sources."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        """Copy the sources to `folder`, which must not exist."""
        self._folder, self._contract = folder, contract
        folder.mkdir(parents=True)
        for name in _COPIED:
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "catalogue"))
            else:
                shutil.copyfile(source, folder / name)

    async def run(self, mutant: Mutant, template: str, *, fuzzer: bool) -> MutantResult:
        """Run the pins, and plain Schemathesis if `fuzzer`, on the service with the mutant.

        template: name of a database with the demo accounts. Raises InvalidMutant if the mutant does not apply.
        """
        originals = mutant.apply(self._folder)
        _remove_bytecode(originals)
        url = await create_database(template)
        try:
            return await self._run_on(mutant, url, fuzzer=fuzzer)
        finally:
            for path, text in originals.items():
                path.write_text(text)
            _remove_bytecode(originals)
            await drop_database(url)

    async def _run_on(self, mutant: Mutant, url: str, *, fuzzer: bool) -> MutantResult:
        service = self._contract.pins.service
        assert service is not None
        environment = {"DATABASE_URL": url, "PYTHONPATH": str(self._folder)}
        pin: str | None
        async with (
            StartedService(service, cwd=self._folder, environment=environment) as target,
            Servers(self._contract, target, connection=Connection(timeout=_SECONDS)) as servers,
        ):
            try:
                pin = await self._find_broken_pin(mutant, servers)
                check = await self._find_failed_check(mutant, servers) if fuzzer or pin is None else None
            except CannotRun as error:
                if NO_RESPONSE_IN_TIME in str(error):
                    return MutantResult(mutant, None, "" if fuzzer else None)
                return MutantResult(mutant, f"the service does not start: {error}", "" if fuzzer else None)
        return MutantResult(mutant, pin or check or None, check if fuzzer else None)

    async def _find_broken_pin(self, mutant: Mutant, servers: Servers) -> str | None:
        """Return the first broken pin of the operations that the mutant breaks."""
        pinning = Pinning(servers)
        pins = iter(_sort(self._contract.matrix, mutant))
        broken: list[str] = []

        async def work() -> None:
            for pin in pins:
                if broken:
                    return
                outcome = await pinning.run(pin)
                if is_kill(outcome):
                    broken.append(str(outcome))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        return broken[0] if broken else None

    async def _find_failed_check(self, mutant: Mutant, servers: Servers) -> str:
        """Return the first failed check of plain Schemathesis on the operations that the mutant breaks."""
        base = (await servers.client(AS_IT_IS)).base_url
        credentials = await servers.credentials(self._contract.pins.fuzzer or "anonymous")
        budget = Budget(examples=_EXAMPLES, seconds=_SECONDS, operations=mutant.operations, max_failures=1)
        fuzzer = Fuzzer(self._contract.document, base, budget, lambda _: credentials)
        run = await asyncio.to_thread(fuzzer.run, lambda _: None)
        return next((f"{each.check}: {each.title}" for each in run.failures), "")


def _remove_bytecode(paths: Iterable[Path]) -> None:
    """Remove the compiled modules of files: a change may keep a file's size within the resolution of its timestamp."""
    for path in paths:
        Path(cache_from_source(path)).unlink(missing_ok=True)


def is_kill(outcome: Outcome) -> bool:
    """Return whether a broken pin shows what a mutant does.

    A request that got no response in time does not: on a busy machine that happens without a mutant, too.
    """
    is_late = any(exchange.failure == NO_RESPONSE_IN_TIME for exchange in outcome.exchanges)
    return outcome.verdict == Verdict.BROKEN and not is_late and NO_RESPONSE_IN_TIME not in outcome.reason


def _sort(matrix: Iterable[Pin], mutant: Mutant) -> list[Pin]:
    """Return the pins of the mutant's operations, expected ones first and slow ones last."""
    words = set(re.split(r" · |, ", mutant.expects))
    chosen = [pin for pin in matrix if pin.operation in mutant.operations]

    def order(pin: Pin) -> tuple[int, int, int]:
        matches = len(words & {pin.operation, pin.actor, pin.state, pin.input, pin.mode})
        expects_mode = pin.mode in mutant.expects
        return (0 if matches >= 3 or (expects_mode and pin.mode != AS_IT_IS) else 1, pin.mode != AS_IT_IS, pin.at_once)

    return sorted(chosen, key=order)
