"""Hold interviews with the answers of scripts, and end others with labelled answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.interviewer.library import shipped_library
from app.interviewer.protocol import Conversation, Interviewer, Turn
from tests.judge.rubric import Transcript

_UNIT = Path(__file__).parents[1] / "unit"
SCRIPTS = sorted((_UNIT / "outcome").glob("*.yaml"))
"""The answers of people in whole interviews."""

YES = {Language.EN: "yes please", Language.ES: "sí, por favor", Language.PT: "sim, por favor"}


def find_scripts(language: Language) -> list[Path]:
    """Return the scripts in the language."""
    return [file for file in SCRIPTS if file.name.startswith(f"{language}-")]


def read_script(file: Path) -> tuple[str, Language, list[str]]:
    """Return the guide, the language and the answers of a script."""
    script = yaml.safe_load(file.read_text(encoding="utf-8"))
    return script.get("guide", DEFAULT_GUIDE), Language(script["language"]), script["answers"]


async def hold_interview(
    interviewer: Interviewer, guide: str, language: Language, answers: Sequence[str]
) -> Transcript:
    """Return the interview with the answers, until it ends or no answer is left."""
    messages: list[Turn] = []
    is_ended = False
    for answer in [None, *answers]:
        messages += [] if answer is None else [Turn(Role.USER, answer)]
        reply = await interviewer.reply(Conversation(language, tuple(messages), "Ana", guide))
        messages.append(Turn(Role.ASSISTANT, reply.question))
        is_ended = reply.is_final
        if is_ended:
            break
    return Transcript(shipped_library().find(guide), language, messages, is_ended)


async def judge_stops(interviewer: Interviewer, language: Language) -> float:
    """Return the share of labelled answers after which the interview ends if, and only if, the person asks for it.

    A question back counts as an end if a yes to it ends the interview.
    """
    results = [await _ends(interviewer, language, answer) == wishes for wishes, answer in _labelled(language)]
    return sum(results) / len(results)


def _labelled(language: Language) -> Iterator[tuple[bool, str]]:
    """Yield answers with whether they wish to stop."""
    for line in (_UNIT / "answers" / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        kind, _, answer = line.partition("\t")
        if kind in ("stop", "answer"):
            yield kind == "stop", answer


async def _ends(interviewer: Interviewer, language: Language, answer: str) -> bool:
    history: tuple[Turn, ...] = ()
    asks_back = shipped_library().find(DEFAULT_GUIDE).texts(language).reactions.confirm_stop
    for said in (None, answer, YES[language]):
        history += () if said is None else (Turn(Role.USER, said),)
        reply = await interviewer.reply(Conversation(language, history, "Ana"))
        history += (Turn(Role.ASSISTANT, reply.question),)
        if said is not None and (reply.is_final or asks_back not in reply.question):
            return reply.is_final
    return False
