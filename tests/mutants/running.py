"""Puts one mutant at a time into a copy of the service, and looks for the pin, or the fuzzer's check, that notices."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS
from statuspin.errors import CannotRun
from statuspin.verify.fuzzing import Budget, Fuzzer
from statuspin.verify.pinning import Pinning, Verdict
from statuspin.verify.servers import Servers
from statuspin.verify.subject import Started
from tests.mutants.catalogue import Mutant
from tests.support.cluster import drop_database, new_database
from tests.support.command_line import CHECKOUT

_COPIED = ("app", "tables", "contracts", "tests", "piccolo_conf.py", "pyproject.toml")
_EXAMPLES = 10
_AT_ONCE = 4
_SECONDS = 8.0


@dataclass(frozen=True)
class Fate:
    """What became of a mutant. killer: the pin or the check that noticed, None where it survived.

    fuzzer: what plain Schemathesis noticed; empty: nothing; None: it was not tried.
    """

    mutant: Mutant
    killer: str | None
    fuzzer: str | None


class Laboratory:
    """A copy of the service's sources to put mutants into, one after another."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        """folder: new, for the copy."""
        self._folder, self._contract = folder, contract
        folder.mkdir(parents=True)
        for name in _COPIED:
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "catalogue"))
            else:
                shutil.copyfile(source, folder / name)

    async def fate(self, mutant: Mutant, template: str, *, fuzzer: bool) -> Fate:
        """Try it. template: name of a database with the demo accounts. fuzzer: whether plain Schemathesis is tried."""
        self._apply(mutant, "--whitespace=nowarn")
        url = await new_database(template)
        try:
            return await self._tried(mutant, url, fuzzer=fuzzer)
        finally:
            self._apply(mutant, "--whitespace=nowarn", "--reverse")
            await drop_database(url)

    async def _tried(self, mutant: Mutant, url: str, *, fuzzer: bool) -> Fate:
        subject = self._contract.pins.subject
        assert subject is not None
        environment = {"DATABASE_URL": url, "PYTHONPATH": str(self._folder)}
        noticed: str | None
        async with (
            Started(subject, cwd=self._folder, environment=environment) as target,
            Servers(self._contract, target, timeout=_SECONDS) as servers,
        ):
            try:
                noticed = await self._pins(mutant, servers)
                complaint = await self._fuzzed(mutant, servers) if fuzzer or noticed is None else None
            except CannotRun as error:
                return Fate(mutant, f"the service does not start: {error}", "" if fuzzer else None)
        return Fate(mutant, noticed or complaint or None, complaint if fuzzer else None)

    async def _pins(self, mutant: Mutant, servers: Servers) -> str | None:
        """The first broken pin of the operations that the mutant touches."""
        pinning = Pinning(servers)
        waiting = iter(_in_order(self._contract.matrix, mutant))
        broken: list[str] = []

        async def work() -> None:
            for pin in waiting:
                if broken:
                    return
                outcome = await pinning.run(pin)
                if outcome.verdict == Verdict.BROKEN:
                    broken.append(str(outcome))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        return broken[0] if broken else None

    async def _fuzzed(self, mutant: Mutant, servers: Servers) -> str:
        """What Schemathesis by itself says of the operations that the mutant touches."""
        base = (await servers.client(AS_IT_IS)).base_url
        authorization = await servers.authorization(self._contract.pins.fuzzer or "anonymous")
        budget = Budget(examples=_EXAMPLES, seconds=_SECONDS, operations=mutant.operations, most_failures=1)
        fuzzer = Fuzzer(self._contract.document, base, authorization, budget)
        fuzzed = await asyncio.to_thread(fuzzer.run, lambda _: None)
        return next((f"{each.check}: {each.title}" for each in fuzzed.complaints), "")

    def _apply(self, mutant: Mutant, *options: str) -> None:
        command = ["git", "apply", *options, str(mutant.patch)]
        applied = subprocess.run(
            command, cwd=self._folder, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(self._folder.parent)},
            capture_output=True, text=True,
        )  # fmt: skip
        if applied.returncode:
            raise CannotRun(f"{mutant.patch}: does not apply any longer: {applied.stderr}")
        for cache in self._folder.glob("app/**/__pycache__"):
            shutil.rmtree(cache)


def _in_order(matrix: Iterable[Pin], mutant: Mutant) -> list[Pin]:
    """The pins of the mutant's operations: those that it expects to notice first, what costs time last."""
    words = set(re.split(r" · |, ", mutant.expects))
    chosen = [pin for pin in matrix if pin.operation in mutant.operations]

    def order(pin: Pin) -> tuple[int, int, int]:
        alike = len(words & {pin.operation, pin.actor, pin.state, pin.input, pin.mode})
        expected_mode = pin.mode in mutant.expects
        return (0 if alike >= 3 or (expected_mode and pin.mode != AS_IT_IS) else 1, pin.mode != AS_IT_IS, pin.at_once)

    return sorted(chosen, key=order)
