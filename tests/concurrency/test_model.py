"""Compare the API with a model of one interview, for sequential and concurrent requests of two clients."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx2
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.database.unit_of_work import UnitOfWork
from tests.concurrency.conftest import Requests
from tests.concurrency.invariants import assert_invariants
from tests.histories.model import (
    THE_END,
    Answer,
    ChangeStatus,
    Continue,
    Model,
    Operation,
    find_possible_outcomes,
    read_answer,
)
from tests.support.actors import Actor
from tests.support.assertions import assert_success
from tests.support.timeouts import TIMEOUT

SETTINGS = settings(max_examples=40, stateful_step_count=10, derandomize=True, database=None)

ANSWERS = st.sampled_from(["yes", "no", "perhaps", THE_END, "ñandú 😀"])
QUESTIONS = st.sampled_from(["omitted", "open", "one too early", "one too late"])
"""Names, not numbers: the drawn values must not depend on the result of a race."""

TURNS = st.tuples(ANSWERS, QUESTIONS, st.sampled_from([None, "one", "two"]))
CHANGES = st.builds(ChangeStatus, st.sampled_from(["in_progress", "completed", "cancelled"]))


@dataclass(frozen=True)
class ServiceUnderTest:
    """The service and its event loop. The state machine runs in a thread."""

    client: httpx2.AsyncClient
    database: UnitOfWork
    owner: Actor
    loop: asyncio.AbstractEventLoop
    counts: Counter[str] = field(default_factory=Counter)

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def run_bounded() -> object:
            async with asyncio.timeout(TIMEOUT):
                return await work

        return asyncio.run_coroutine_threadsafe(run_bounded(), self.loop).result()


class InterviewMachine(RuleBasedStateMachine):
    """One interview, its model, and two clients."""

    service: ClassVar[ServiceUnderTest]

    @initialize()
    def start(self) -> None:
        self.clients = [Requests(self.service.client, self.service.owner) for _ in range(2)]
        data, _ = assert_success(self.service.wait(self.clients[0].start()), "Interview started successfully")
        self.interview_id = data["interview_id"]
        self.model = Model()

    @rule(drawn=TURNS | CHANGES)
    def run_one(self, drawn: object) -> None:
        operation = self.build_operation(drawn)
        expected, self.model = operation.apply(self.model)
        assert self.service.wait(self.send(operation, self.clients[0])) == expected
        self.service.counts[str(expected.status)] += 1

    @rule(one=TURNS | CHANGES, other=TURNS | CHANGES)
    def run_two(self, one: object, other: object) -> None:
        one, other = self.build_operation(one), self.build_operation(other)
        outcome = (*self.service.wait(self.send_both(one, other)), *self.read_stored())
        outcomes = {
            (a, b, after.status, after.answers): after for a, b, after in find_possible_outcomes(one, other, self.model)
        }
        assert outcome in outcomes, (one, other, self.model)
        self.model = outcomes[outcome]
        self.service.counts["concurrent"] += 1

    @rule()
    def replay_last_turn(self) -> None:
        for _, turn, number in self.model.keys[-1:]:
            assert self.service.wait(self.send_both(turn, turn)) == [Answer(200, number, replayed=True)] * 2
            self.service.counts["replayed"] += 1

    @invariant()
    def stored_interview_equals_model(self) -> None:
        if hasattr(self, "model"):
            assert self.read_stored() == (self.model.status, self.model.answers)

    def build_operation(self, drawn: Any) -> Operation:
        if isinstance(drawn, ChangeStatus):
            return drawn
        answer, question, key = drawn
        open_question = self.model.open_question
        numbers = {"open": open_question, "one too early": max(1, open_question - 1), "one too late": open_question + 1}
        return Continue(answer, numbers.get(question), key and f"{key}-{self.interview_id}")

    async def send(self, operation: Operation, client: Requests) -> Answer:
        if isinstance(operation, ChangeStatus):
            response = await client.change_status(self.interview_id, operation.status)
        else:
            response = await client.continue_(self.interview_id, operation.answer, operation.question, operation.key)
        return read_answer(response)

    async def send_both(self, one: Operation, other: Operation) -> list[Answer]:
        return await asyncio.gather(self.send(one, self.clients[0]), self.send(other, self.clients[1]))

    def read_stored(self) -> tuple[str, tuple[str, ...]]:
        response = self.service.wait(self.clients[0].read(self.interview_id))
        data, _ = assert_success(response, "Interview retrieved successfully")
        answers = [message["content"] for message in data["messages"] if message["role"] == "user"]
        assert answers == self.service.wait(assert_invariants(self.service.database, self.interview_id))
        return data["status"], tuple(answers)


async def test_sequential_and_concurrent_requests_agree_with_the_model(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    service = ServiceUnderTest(client, database, owner, asyncio.get_running_loop())
    machine = type("InterviewMachine", (InterviewMachine,), {"service": service})

    await asyncio.to_thread(run_state_machine_as_test, machine, settings=SETTINGS)

    assert {"200", "409", "replayed", "concurrent"} <= set(service.counts), "the run reached every kind of step"
