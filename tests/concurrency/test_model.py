"""The API against a model of one interview: whatever is asked of it, alone or by two clients at once."""

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
from tests.concurrency.conftest import THE_END, Requests
from tests.concurrency.invariants import invariants
from tests.concurrency.model import Answered, ChangeStatus, Continue, Model, Operation, possible
from tests.support.actors import Actor
from tests.support.assertions import assert_success
from tests.support.timeouts import TIMEOUT

BOUNDS = settings(max_examples=40, stateful_step_count=10, derandomize=True, database=None)

ANSWERS = st.sampled_from(["yes", "no", "perhaps", THE_END, "ñandú 😀"])
QUESTIONS = st.sampled_from(["not said", "open", "one too early", "one too late"])
"""Not numbers: what is drawn must not hang on how a race ended."""

TURNS = st.tuples(ANSWERS, QUESTIONS, st.sampled_from([None, "one", "two"]))
CHANGES = st.builds(ChangeStatus, st.sampled_from(["in_progress", "completed", "cancelled"]))


@dataclass(frozen=True)
class World:
    """The service, and the loop that it runs on; the machine is driven from a thread of its own."""

    client: httpx2.AsyncClient
    database: UnitOfWork
    owner: Actor
    loop: asyncio.AbstractEventLoop
    seen: Counter[str] = field(default_factory=Counter)

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def bounded() -> object:
            async with asyncio.timeout(TIMEOUT):
                return await work

        return asyncio.run_coroutine_threadsafe(bounded(), self.loop).result()


class Interview(RuleBasedStateMachine):
    """One interview and the model of it, and two clients."""

    world: ClassVar[World]

    @initialize()
    def start(self) -> None:
        self.clients = [Requests(self.world.client, self.world.owner) for _ in range(2)]
        data, _ = assert_success(self.world.wait(self.clients[0].start()), "Interview started successfully")
        self.interview_id = data["interview_id"]
        self.model = Model()

    @rule(drawn=TURNS | CHANGES)
    def one_alone(self, drawn: object) -> None:
        operation = self.operation(drawn)
        expected, self.model = operation.apply(self.model)
        assert self.world.wait(self.send(operation, self.clients[0])) == expected
        self.world.seen[str(expected.status)] += 1

    @rule(one=TURNS | CHANGES, other=TURNS | CHANGES)
    def two_at_once(self, one: object, other: object) -> None:
        one, other = self.operation(one), self.operation(other)
        came = (*self.world.wait(self.send_both(one, other)), *self.stored())
        outcomes = {(a, b, after.status, after.answers): after for a, b, after in possible(one, other, self.model)}
        assert came in outcomes, (one, other, self.model)
        self.model = outcomes[came]
        self.world.seen["two at once"] += 1

    @rule()
    def what_has_a_key_once_more_by_both(self) -> None:
        for _, turn, number in self.model.keys[-1:]:
            assert self.world.wait(self.send_both(turn, turn)) == [Answered(200, number, replayed=True)] * 2
            self.world.seen["replayed"] += 1

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        if hasattr(self, "model"):
            assert self.stored() == (self.model.status, self.model.answers)

    def operation(self, drawn: Any) -> Operation:
        if isinstance(drawn, ChangeStatus):
            return drawn
        answer, question, key = drawn
        open_one = self.model.open_question
        numbers = {"open": open_one, "one too early": max(1, open_one - 1), "one too late": open_one + 1}
        return Continue(answer, numbers.get(question), key and f"{key}-{self.interview_id}")

    async def send(self, operation: Operation, client: Requests) -> Answered:
        if isinstance(operation, ChangeStatus):
            response = await client.change_status(self.interview_id, operation.status)
        else:
            response = await client.continue_(self.interview_id, operation.answer, operation.question, operation.key)
        envelope = response.json()
        if response.status_code != 200:
            return Answered(response.status_code, envelope["message"])
        number = envelope["data"].get("question_number")
        return Answered(200, number, replayed="Idempotent-Replayed" in response.headers)

    async def send_both(self, one: Operation, other: Operation) -> list[Answered]:
        return await asyncio.gather(self.send(one, self.clients[0]), self.send(other, self.clients[1]))

    def stored(self) -> tuple[str, tuple[str, ...]]:
        response = self.world.wait(self.clients[0].read(self.interview_id))
        data, _ = assert_success(response, "Interview retrieved successfully")
        answers = [message["content"] for message in data["messages"] if message["role"] == "user"]
        assert answers == self.world.wait(invariants(self.world.database, self.interview_id))
        return data["status"], tuple(answers)


async def test_one_client_and_two_at_once_see_what_the_model_says(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    world = World(client, database, owner, asyncio.get_running_loop())
    machine = type("Interview", (Interview,), {"world": world})

    await asyncio.to_thread(run_state_machine_as_test, machine, settings=BOUNDS)

    assert {"200", "409", "replayed", "two at once"} <= set(world.seen), "not a run that tells nothing"
