"""A whole run: pins, races, the fuzzer; one coverage, one result."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS
from statuspin.coverage.criteria import Criteria
from statuspin.coverage.statuses import StatusCoverage
from statuspin.coverage.transcript import Transcript
from statuspin.http.exchange import Exchange
from statuspin.http.redaction import Redaction
from statuspin.verify.fuzzing import Budget, Fuzzer, FuzzResult
from statuspin.verify.pinning import Outcome, Pinning, Verdict
from statuspin.verify.progress import NullProgress, ProgressListener
from statuspin.verify.servers import SAFE, Servers
from statuspin.verify.target import PreconditionUnavailable, Target


@dataclass(frozen=True)
class Plan:
    """What a run does. only: text that ids of pins, or names of operations, have to hold. whole: nothing is left out.

    writes: whether requests other than GET, HEAD and OPTIONS are sent. tidy: whether states are put away again.
    races: whether pins with `at_once` are run.
    """

    pins: bool = True
    races: bool = True
    fuzz: bool = True
    only: str = ""
    workers: int = 4
    writes: bool = True
    tidy: bool = False
    timeout: float = 30.0
    budget: Budget = field(default_factory=Budget)

    @property
    def whole(self) -> bool:
        """Whether every promise has to be seen in it."""
        return self.pins and self.fuzz and self.races and self.writes and not self.only


@dataclass
class Result:
    """What a run found. digest: the transcript's hash, where one worker ran the pins."""

    contract: Contract
    plan: Plan
    url: str
    outcomes: list[Outcome]
    fuzzed: FuzzResult | None
    coverage: StatusCoverage
    criteria: Criteria
    digest: str
    requests: int
    seconds: float

    def of(self, verdict: Verdict) -> list[Outcome]:
        """The pins with a verdict."""
        return [outcome for outcome in self.outcomes if outcome.verdict == verdict]


class Verification:
    """One run of a contract on a target."""

    def __init__(
        self,
        contract: Contract,
        target: Target,
        plan: Plan,
        progress: ProgressListener | None = None,
        *,
        subject_of: Contract | None = None,
    ) -> None:
        """progress: is told what is being done. subject_of: the contract whose subject the target is, where another."""
        self._contract, self._target, self._plan, self._subject_of = contract, target, plan, subject_of
        self._progress = progress or NullProgress()
        self._coverage = StatusCoverage(contract.document, contract.pins.never)
        self._criteria = Criteria(contract.document, contract.pins.never)
        self._transcript = Transcript()
        self._hide = Redaction(contract.pins.redact)
        self._requests = 0

    async def run(self) -> Result:
        """Do all that is planned. Raises CannotRun where the server cannot be reached or started."""
        begun, plan = time.perf_counter(), self._plan
        servers = Servers(
            self._contract,
            self._target,
            writes=plan.writes,
            timeout=plan.timeout,
            seen=self._see,
            subject_of=self._subject_of,
        )
        outcomes: list[Outcome] = []
        fuzzed = None
        async with servers:
            url = await self._reached(servers)
            if plan.pins:
                outcomes = await self._run_pins(servers)
            if plan.fuzz:
                fuzzed = await self._fuzz(servers, url)
        digest = self._transcript.digest if plan.workers == 1 else ""
        return Result(
            self._contract, plan, self._hide.text(url), outcomes, fuzzed, self._coverage, self._criteria, digest,
            self._requests, time.perf_counter() - begun,
        )  # fmt: skip

    async def _reached(self, servers: Servers) -> str:
        self._progress.begin("starting")
        client = await servers.client(AS_IT_IS)
        return client.base_url

    async def _run_pins(self, servers: Servers) -> list[Outcome]:
        pinning = Pinning(servers, tidy=self._plan.tidy)
        chosen = [pin for pin in self._contract.matrix if self._plan.only in pin.id]
        single = [pin for pin in chosen if pin.at_once == 1]
        races = [pin for pin in chosen if pin.at_once > 1] if self._plan.races else []
        modes = [self._begin(servers, mode) for mode in sorted({pin.mode for pin in single})]
        self._progress.begin("pins", len(single))
        outcomes: list[Outcome] = []
        ordered = sorted(single, key=lambda pin: pin.mode != AS_IT_IS)
        await _together(*modes, self._run_all(pinning, ordered, self._plan.workers, outcomes))
        self._progress.begin("races", len(races))
        await self._run_all(pinning, races, 1, outcomes)
        order = {pin.id: number for number, pin in enumerate(chosen)}
        return sorted(outcomes, key=lambda outcome: order[outcome.pin.id])

    async def _begin(self, servers: Servers, mode: str) -> None:
        try:
            await servers.client(mode)
        except PreconditionUnavailable:
            return  # its pins will say so

    async def _run_all(self, pinning: Pinning, pins: Sequence[Pin], workers: int, outcomes: list[Outcome]) -> None:
        waiting = iter(pins)

        async def work() -> None:
            for pin in waiting:
                outcome = await pinning.run(pin)
                outcomes.append(outcome)
                self._note(outcome)

        await _together(*(work() for _ in range(min(workers, len(pins)))))

    def _note(self, outcome: Outcome) -> None:
        self._progress.step(outcome.pin.id)
        if outcome.pin.at_once == 1:
            for exchange in outcome.exchanges:
                self._transcript.see(exchange, outcome.kept)
        if outcome.verdict == Verdict.SKIPPED:
            for status in outcome.pin.statuses:
                self._coverage.skip(outcome.pin.operation, status)

    async def _fuzz(self, servers: Servers, url: str) -> FuzzResult:
        budget = self._plan.budget
        if not self._plan.writes:
            unlinked = tuple(phase for phase in budget.phases if phase != "stateful")  # chains begin with writes
            budget = replace(budget, methods=tuple(sorted(SAFE)), phases=unlinked)
        self._progress.begin("fuzzer")
        try:
            actor = self._contract.pins.fuzzer
            authorization = await servers.authorization(actor) if actor else None
        except PreconditionUnavailable as reason:
            return FuzzResult(errors=[f"nothing was fuzzed: {reason}"])
        fuzzer = Fuzzer(self._contract.document, url, authorization, budget)
        try:
            return await asyncio.to_thread(fuzzer.run, self._see_fuzzed, self._progress.step)
        finally:
            fuzzer.stop()

    def _see(self, exchange: Exchange) -> None:
        self._requests += 1
        self._coverage.see(exchange)
        self._criteria.see(exchange)

    def _see_fuzzed(self, exchange: Exchange) -> None:
        self._see(exchange)
        self._transcript.see(exchange)


async def _together(*work: Coroutine[None, None, None]) -> None:
    """Wait for all; where one raises, the others are ended before it goes on."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
