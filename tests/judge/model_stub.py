"""Models that follow a rule: they stand for language models behind the test server, because no package ships one."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.interview import DEFAULT_GUIDE, Language
from app.interviewer.library import shipped_library
from app.interviewer.phrases import words_of

Model = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Returns the reply to the body of a request."""

_THANKS = {Language.EN: "Thank you.", Language.ES: "Gracias.", Language.PT: "Obrigado."}


def create_attentive_model(language: Language) -> Model:
    """Return a model that asks the questions of a guide in order, each after a word of the last answer."""

    def reply(request: Mapping[str, Any]) -> dict[str, Any]:
        guide = _find_guide(request, language)
        said = [message["content"] for message in request["messages"] if message["role"] == "user"][1:]
        may_end = "is_final" in str(request["response_format"])
        if len(said) >= len(guide.topics):
            return {
                "question": _THANKS[language],
                "corrected_response": None,
                **({"is_final": True} if may_end else {}),
            }
        longest = max(words_of(said[-1]), key=len, default="") if said else ""
        question = (
            f"{longest.capitalize()}: {guide.topics[len(said)].question}" if longest else guide.topics[0].question
        )
        return {"question": question, "corrected_response": None, **({"is_final": False} if may_end else {})}

    return reply


def create_monotonous_model(language: Language) -> Model:
    """Return a model that always asks the same."""
    question = shipped_library().find(DEFAULT_GUIDE).texts(language).topics[0].question
    return lambda _: {"question": question, "corrected_response": None}


def _find_guide(request: Mapping[str, Any], language: Language) -> Any:
    """Return the guide whose task is in the instructions."""
    instructions = request["messages"][0]["content"]
    guides = [guide.texts(language) for guide in shipped_library()]
    return next(guide for guide in guides if instructions.startswith(guide.task.partition("{")[0]))
