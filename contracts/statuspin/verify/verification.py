"""A complete run: pins, races and the fuzzer, with one coverage and one result."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS
from statuspin.coverage.booking import Booking
from statuspin.coverage.criteria import Criteria
from statuspin.coverage.statuses import StatusCoverage
from statuspin.coverage.transcript import Transcript
from statuspin.http.client import Resends
from statuspin.http.connection import Connection
from statuspin.http.exchange import Exchange
from statuspin.http.redaction import Redaction
from statuspin.verify.fuzz_phase import run_fuzzer
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.fuzzing import FuzzResult
from statuspin.verify.method_policy import is_wanted
from statuspin.verify.pinning import Outcome, Pinning, Verdict
from statuspin.verify.progress import NullProgress, ProgressListener
from statuspin.verify.servers import READS, Servers
from statuspin.verify.sharding import Shard
from statuspin.verify.target import PreconditionUnavailable, Target


@dataclass(frozen=True)
class Plan:
    """The parts and options of a run.

    races: whether pins with `at_once` are run. only: a part of the ids of the pins to run. workers: number of pins
    that run concurrently. writes: whether requests other than GET, HEAD and OPTIONS are sent. clean_up: whether states
    are removed after each pin. allow_untested: operations that may reject all requests of the fuzzer.
    """

    pins: bool = True
    races: bool = True
    fuzz: bool = True
    only: str = ""
    shard: Shard | None = None
    workers: int = 4
    writes: bool = True
    clean_up: bool = False
    allow_untested: tuple[str, ...] = ()
    connection: Connection = field(default_factory=Connection)
    budget: Budget = field(default_factory=Budget)

    @property
    def is_complete(self) -> bool:
        """Whether the run covers every promise."""
        return self.is_complete_across_shards and self.shard is None

    @property
    def is_complete_across_shards(self) -> bool:
        """Whether all shards together cover every promise."""
        return self.pins and self.fuzz and self.races and self.writes and not self.only


@dataclass
class Result:
    """The result of a run.

    digest: the hash of the transcript, if one worker ran the pins. requests: their number. resends: requests that were
    sent again. unfinished: phases that ended early, and why. secrets: the credentials that were sent.
    """

    contract: Contract
    plan: Plan
    url: str
    outcomes: list[Outcome]
    fuzzed: FuzzResult | None
    booking: Booking
    coverage: StatusCoverage
    criteria: Criteria
    digest: str
    requests: int
    seconds: float
    resends: Resends = field(default_factory=Resends)
    unfinished: list[str] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()

    def with_verdict(self, verdict: Verdict) -> list[Outcome]:
        """Return the outcomes with a verdict."""
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
        service_of: Contract | None = None,
    ) -> None:
        """progress: receives the progress of the run. service_of: see Servers."""
        self._contract, self._target, self._plan, self._service_of = contract, target, plan, service_of
        self._progress = progress or NullProgress()
        self._booking = Booking(contract.document)
        self._coverage = StatusCoverage(contract.document, contract.pins.forbidden)
        self._criteria = Criteria(contract.document, contract.pins.forbidden)
        self._transcript = Transcript(contract.secret_names)
        self._hide = Redaction.from_contract(contract)
        self._operations = plan.shard.operations(contract) if plan.shard else frozenset(contract.document.operations)
        self._requests = 0
        self._unfinished: list[str] = []

    async def run(self) -> Result:
        """Run the plan and return the result. Raises CannotRun if the server cannot be reached or started."""
        begun, plan = time.perf_counter(), self._plan
        servers = Servers(
            self._contract,
            self._target,
            writes=plan.writes,
            connection=plan.connection,
            on_exchange=self._record_exchange,
            service_of=self._service_of,
        )
        outcomes: list[Outcome] = []
        fuzzed = None
        async with servers:
            url = await self._start(servers)
            if plan.pins:
                outcomes = await self._run_pins(servers)
            if plan.fuzz and self._operations:
                fuzzed = await self._fuzz(servers, url)
        digest = self._transcript.digest if plan.workers == 1 else ""
        return Result(
            self._contract, plan, self._hide.text(url), outcomes, fuzzed, self._booking, self._coverage,
            self._criteria, digest, self._requests, time.perf_counter() - begun, servers.resends, self._unfinished,
            frozenset(servers.secrets),
        )  # fmt: skip

    async def _start(self, servers: Servers) -> str:
        self._progress.begin("starting")
        client = await servers.client(AS_IT_IS)
        return client.base_url

    async def _run_pins(self, servers: Servers) -> list[Outcome]:
        pinning = Pinning(servers, clean_up=self._plan.clean_up)
        chosen = [
            pin for pin in self._contract.matrix if self._plan.only in pin.id and pin.operation in self._operations
        ]
        single = [pin for pin in chosen if pin.at_once == 1]
        races = [pin for pin in chosen if pin.at_once > 1] if self._plan.races else []
        modes = [self._set_up_mode(servers, mode) for mode in sorted({pin.mode for pin in single})]
        self._progress.begin("pins", len(single))
        outcomes: list[Outcome] = []
        ordered = sorted(single, key=lambda pin: pin.mode != AS_IT_IS)
        await self._run_phase("pins", pinning, ordered, self._plan.workers, outcomes, *modes)
        self._progress.begin("races", len(races))
        await self._run_phase("races", pinning, races, 1, outcomes)
        order = {pin.id: number for number, pin in enumerate(chosen)}
        return sorted(outcomes, key=lambda outcome: order[outcome.pin.id])

    async def _run_phase(
        self,
        phase: str,
        pinning: Pinning,
        pins: Sequence[Pin],
        workers: int,
        outcomes: list[Outcome],
        *others: Coroutine[None, None, None],
    ) -> None:
        """Run pins until the time limit of a phase. Record the rest as skipped."""
        seconds = self._plan.connection.max_time
        try:
            async with asyncio.timeout(seconds):
                await _run_concurrently(*others, self._run_all(pinning, pins, workers, outcomes))
        except TimeoutError:
            done = {id(outcome.pin) for outcome in outcomes}
            left = [pin for pin in pins if id(pin) not in done]
            self._unfinished.append(
                f"{phase}: {len(left)} of {len(pins)} were not run, because the time limit of {seconds:g} s"
                " (--max-time) was reached"
            )
            reason = PreconditionUnavailable("the time limit of --max-time was reached")
            for pin in left:
                outcomes.append(Outcome(pin, Verdict.SKIPPED, str(reason), skipped=reason))
                self._record_outcome(outcomes[-1])

    async def _set_up_mode(self, servers: Servers, mode: str) -> None:
        try:
            await servers.client(mode)
        except PreconditionUnavailable:
            return  # its pins are skipped with the reason

    async def _run_all(self, pinning: Pinning, pins: Sequence[Pin], workers: int, outcomes: list[Outcome]) -> None:
        waiting = iter(pins)

        async def work() -> None:
            for pin in waiting:
                outcome = await pinning.run(pin)
                outcomes.append(outcome)
                self._record_outcome(outcome)

        await _run_concurrently(*(work() for _ in range(min(workers, len(pins)))))

    def _record_outcome(self, outcome: Outcome) -> None:
        self._progress.step(outcome.pin.id)
        if outcome.pin.at_once == 1:
            for exchange in outcome.exchanges:
                self._transcript.see(exchange, outcome.saved)
        if outcome.verdict == Verdict.SKIPPED:
            self._record_skipped(outcome.pin)

    def _record_skipped(self, pin: Pin) -> None:
        method = pin.request.method or self._contract.document.operations[pin.operation].method
        for status in pin.statuses:
            if operation := self._booking.find(pin.operation, method, status):
                self._coverage.skip(operation.id, status)

    async def _fuzz(self, servers: Servers, url: str) -> FuzzResult:
        budget = self._plan.budget.with_options_of(self._contract)
        if not self._plan.writes:
            unlinked = tuple(phase for phase in budget.phases if phase != "stateful")  # sequences begin with a write
            budget = replace(budget, methods=tuple(sorted(READS)), phases=unlinked)
        if self._plan.shard:
            budget = replace(budget, operations=tuple(sorted(self._operations)))
        self._progress.begin("fuzzer")
        fuzzed = await run_fuzzer(servers, url, budget, self._record_fuzzed_exchange, self._progress.step)
        fuzzed.failures = [each for each in fuzzed.failures if is_wanted(each, self._contract, self._booking)]
        self._unfinished += [f"fuzzer: {fuzzed.unfinished}"] if fuzzed.unfinished else []
        return fuzzed

    def _record_exchange(self, exchange: Exchange) -> None:
        self._requests += 1
        booked = self._booking.book(exchange)
        self._coverage.see(booked)
        self._criteria.see(booked)

    def _record_fuzzed_exchange(self, exchange: Exchange) -> None:
        self._record_exchange(exchange)
        self._transcript.see(exchange)


async def _run_concurrently(*work: Coroutine[None, None, None]) -> None:
    """Run coroutines concurrently. If one raises, cancel the others and wait for them before raising."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
