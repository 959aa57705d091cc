"""Outcomes that an interviewer extracts: the cache, the time limits, and the findings that are kept."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from app.domain.interview import Language, Role
from app.interviewer.library import shipped_library
from app.interviewer.protocol import Conversation, Form, Turn
from app.outcome import extracted
from app.outcome.document import Item, Step
from app.outcome.extracted import MAX_AGE, MAX_CHARACTERS, RETRY_INTERVAL, ExtractedOutcomes
from app.outcome.form import create_form, read_findings

INTERVIEW = UUID("0199a1f2-6c3d-7e4a-9b5c-8d7e6f5a4b3c")
GUIDE = shipped_library().find("process-discovery")
ANSWER = "I buy steel."
FOUND = (Item(ANSWER, (2,)),)


def _conversation(*answers: str, language: Language = Language.EN) -> Conversation:
    history = [turn for answer in answers for turn in (Turn(Role.ASSISTANT, "And?"), Turn(Role.USER, answer))]
    return Conversation(language, history, "")


@dataclass
class FakeInterviewer:
    """Finds the role. Waits for `ready`, and raises `error` if there is one."""

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    calls: int = 0

    async def extract(self, conversation: Conversation, form: type[Form]) -> Form:
        self.calls += 1
        await self.ready.wait()
        if self.error:
            raise self.error
        return form.model_validate({"role": [{"text": ANSWER, "messages": [2]}]})


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def interviewer() -> FakeInterviewer:
    interviewer = FakeInterviewer()
    interviewer.ready.set()
    return interviewer


@pytest.fixture
def outcomes(interviewer: FakeInterviewer, clock: Clock) -> ExtractedOutcomes:
    return ExtractedOutcomes(interviewer, timeout=20, clock=clock)


async def _find(outcomes: ExtractedOutcomes, conversation: Conversation, deadline: float | None = None) -> Any:
    outcome = await outcomes.find(INTERVIEW, conversation, GUIDE, deadline)
    return outcome.role if outcome else None


async def test_an_outcome_is_kept_for_an_hour_and_for_one_last_message(
    outcomes: ExtractedOutcomes, interviewer: FakeInterviewer, clock: Clock
) -> None:
    calls = []
    for conversation in (_conversation(ANSWER), _conversation(ANSWER), _conversation(ANSWER, "More.")):
        assert await _find(outcomes, conversation) == FOUND
        calls.append(interviewer.calls)
    clock.now = MAX_AGE
    assert await _find(outcomes, _conversation(ANSWER)) == FOUND

    assert [*calls, interviewer.calls] == [1, 1, 2, 3]


async def test_a_failure_is_repeated_only_after_a_minute(
    outcomes: ExtractedOutcomes, interviewer: FakeInterviewer, clock: Clock
) -> None:
    interviewer.error = RuntimeError("any error")
    assert [await _find(outcomes, _conversation(ANSWER)) for _ in range(2)] == [None, None]
    interviewer.error, clock.now = None, RETRY_INTERVAL

    assert await _find(outcomes, _conversation(ANSWER)) == FOUND
    assert interviewer.calls == 2


async def test_an_extraction_that_is_late_for_one_request_serves_the_next_one(
    outcomes: ExtractedOutcomes, interviewer: FakeInterviewer
) -> None:
    interviewer.ready.clear()
    assert await _find(outcomes, _conversation(ANSWER), deadline=asyncio.get_running_loop().time()) is None
    interviewer.ready.set()

    assert await _find(outcomes, _conversation(ANSWER)) == FOUND
    assert interviewer.calls == 1


async def test_an_extraction_ends_after_the_time_limit(interviewer: FakeInterviewer) -> None:
    interviewer.ready.clear()

    assert await _find(ExtractedOutcomes(interviewer, timeout=0.01), _conversation(ANSWER)) is None


async def test_the_outcomes_that_are_extracted_concurrently_and_kept_are_bounded(
    outcomes: ExtractedOutcomes, interviewer: FakeInterviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extracted, "MAX_RUNNING", 2)
    monkeypatch.setattr(extracted, "MAX_OUTCOMES", 1)
    interviewer.ready.clear()
    now = asyncio.get_running_loop().time()
    for answer in ("One.", "Two.", "Three."):
        assert await _find(outcomes, _conversation(answer), now) is None
    await asyncio.sleep(0)
    calls = interviewer.calls

    await outcomes.aclose()

    assert (calls, len(outcomes._entries)) == (2, 1)


async def test_no_outcome_is_extracted_from_a_conversation_that_is_too_long(
    outcomes: ExtractedOutcomes, interviewer: FakeInterviewer
) -> None:
    assert await _find(outcomes, _conversation(ANSWER, "x" * MAX_CHARACTERS)) is None
    assert interviewer.calls == 0


def _findings(guide: str, **sections: Any) -> BaseModel:
    return create_form(shipped_library().find(guide), Language.EN).model_validate(sections)


def test_the_steps_of_each_process_have_their_own_numbers() -> None:
    messages = _conversation(
        "For returns I check the box, then I refund.", "For orders I pack. RETURNS are slow."
    ).history
    findings = _findings(
        "process-discovery",
        steps=[
            {"text": "I check the box", "messages": [2], "process": "returns"},
            {"text": "I pack", "messages": [4], "process": "orders"},
            {"text": "I refund.", "messages": [2], "process": "Returns"},
            {"text": "I check the box", "messages": [2], "process": "Returns"},
        ],
    )

    outcome, dropped = read_findings(findings, GUIDE, messages)

    assert outcome.steps == (
        Step(1, "I check the box", "Returns", (2,)),
        Step(2, "I refund.", "Returns", (2,)),
        Step(1, "I pack", "Orders", (4,)),
    )
    assert dropped == 0


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("about twenty percent", "About twenty percent"),
        ("ABOUT TWENTY", "About twenty"),
        ("naive cafe: about", "Naïve café, about"),
        ("“about twenty”", "About twenty"),
        ("20 % of it!", "20 % of it"),
        ("it’s late", "It's late"),
    ],
)
def test_a_quote_has_the_characters_of_the_answer(text: str, quote: str) -> None:
    messages = _conversation("A naïve café, about twenty percent. 20 % of it, and it's late").history
    findings = _findings("process-discovery", volumes=[{"text": text, "messages": [1, 2]}])

    assert read_findings(findings, GUIDE, messages)[0].volumes == (Item(quote, (2,)),)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("guide", [each.name for each in shipped_library()])
def test_every_section_of_a_guide_is_a_list_with_its_heading(guide: str, language: Language) -> None:
    texts = shipped_library().find(guide).texts(language)

    fields = create_form(shipped_library().find(guide), language).model_fields

    sections = {topic.section for topic in texts.topics if topic.section}
    assert {name: each.description for name, each in fields.items()} == {
        name: texts.outcome.sections[name] for name in sections
    }
