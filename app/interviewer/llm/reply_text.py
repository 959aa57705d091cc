"""Find the JSON of a reply among what servers of models leave around it: thoughts, code fences, prose and tool calls.

Ollama and vLLM only separate thoughts from the reply if they know the model. A chat template can contain the tag that
begins the thoughts, so that only its end arrives. With a parser of thoughts, vLLM may send the whole reply as thoughts.
"""

import json
import re
from typing import Any

_NAMES = "think|thinking|thought|thoughts|reasoning"
_TAG = re.compile(rf"<(?P<end>/?)(?:{_NAMES})>|\[(?P<end2>/?)THINK\]", re.IGNORECASE)
_PARTIAL_TAG = re.compile(r"[<\[]/?[a-z]{0,9}\Z", re.IGNORECASE)
_OBJECT = re.compile(r"\ufeff?\s*(?:```\w*\s*)?(?=\{)")
_AFTER_REPLY = " \t\r\n`"
_MAX_LENGTH = 100_000
_MAX_ATTEMPTS = 100

_decode = json.JSONDecoder().raw_decode


def without_thoughts(text: str) -> str:
    """Return the text without its thoughts. Thoughts without an end last until the end of the text."""
    kept, position, is_thought = "", 0, False
    for tag in _TAG.finditer(text):
        ends = bool(tag["end"] or tag["end2"])
        if ends and not is_thought:
            kept = ""  # The thoughts began before the text.
        elif not is_thought:
            kept += text[position : tag.start()]
        is_thought, position = not ends, tag.end()
    if position == 0:
        return text
    return (kept if is_thought else kept + text[position:]).lstrip()


def without_partial_tag(text: str) -> str:
    """Return a string that is not complete without an end that may become a tag."""
    tag = _PARTIAL_TAG.search(text)
    return text[: tag.start()] if tag else text


def find_beginning(text: str) -> str:
    """Return the text from the beginning of its JSON object on, or "" if something else precedes it.

    Thoughts and the beginning of a code fence may precede it. The text need not be complete.
    """
    for candidate in (text, without_thoughts(text)):
        found = _OBJECT.match(candidate)
        if found:
            return candidate[found.end() :]
    return ""


def find_json(text: str, *, is_cut_short: bool = False) -> str | None:
    """Return the JSON object in the text of a reply, or None.

    is_cut_short: whether the reply may lack its end. Then only white space may follow the object, because a draft among
    thoughts is no reply.
    """
    if len(text) > _MAX_LENGTH:
        return None
    start = _OBJECT.match(text)
    end = _find_end(text, start.end()) if start else None
    if start and end and _ends_no_thought(text[end:]):
        return _select(text, start.end(), end, is_cut_short=is_cut_short)
    text = without_thoughts(text)
    last = None
    position = text.find("{")
    for _ in range(_MAX_ATTEMPTS):
        if position < 0:
            break
        end = _find_end(text, position)
        if end:
            last = position, end
        position = text.find("{", end or position + 1)
    return _select(text, *last, is_cut_short=is_cut_short) if last else None


def is_json_object(text: str) -> bool:
    """Return whether the text is a JSON object and nothing else."""
    text = text.strip()
    return text.startswith("{") and len(text) <= _MAX_LENGTH and _find_end(text, 0) == len(text)


def _find_end(text: str, start: int) -> int | None:
    try:
        return _decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def _ends_no_thought(text: str) -> bool:
    first = _TAG.search(text)
    return not (first and (first["end"] or first["end2"]))


def _select(text: str, start: int, end: int, *, is_cut_short: bool) -> str | None:
    if is_cut_short and text[end:].strip(_AFTER_REPLY):
        return None
    return _arguments(_decode(text, start)[0]) or text[start:end]


def _arguments(value: dict[str, Any]) -> str | None:
    """Return the arguments of a tool call that a model writes as text, or None if the object is no tool call."""
    arguments = value.get("arguments", value.get("parameters"))
    return json.dumps(arguments) if isinstance(value.get("name"), str) and isinstance(arguments, dict) else None
