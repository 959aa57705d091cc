"""Compare a response with the expectation of a pin or a step."""

from collections.abc import Mapping
from typing import Any

from statuspin.contract.steps import Expectation
from statuspin.http.exchange import Answer, Exchange, values_at
from statuspin.http.redaction import Redaction
from statuspin.http.values import fill


def find_mismatch(
    expected: Expectation,
    exchange: Exchange,
    message_at: str,
    saved: Mapping[str, Any],
    hide: Redaction,
) -> str:
    """Return why the response differs from the expected one, `promised …, observed …`, or an empty string.

    message_at: the place of the message in a body. saved: values of earlier responses. hide: replaces secrets.
    """
    if exchange.answer is None:
        return f"promised {expected.answer}, observed none: {exchange.failure}"
    answer = exchange.answer
    if answer.status != expected.answer:
        return f"promised {expected.answer}, observed {answer.status}"
    message = (values_at(answer.json, message_at) or [None])[0]
    if expected.message is not None and message != expected.message:
        return f"promised the message {expected.message!r}, observed {message!r}"
    return (
        _check_headers(expected, answer, saved, hide)
        or _check_body(expected, answer, saved, hide)
        or _check_budget(expected, answer)
    )


def _check_headers(expected: Expectation, answer: Answer, saved: Mapping[str, Any], hide: Redaction) -> str:
    for name, promised in expected.headers.items():
        observed = answer.headers.get(name.lower())
        wanted = None if promised is None else str(fill(promised, saved))
        if wanted == "*" and observed is not None:
            continue
        if observed != wanted:
            if hide.is_secret(name):
                wanted, observed = wanted and "another one", observed and "one"
            return f"promised the header {name}: {wanted or 'absent'}, observed {observed or 'none'}"
    return ""


def _check_body(expected: Expectation, answer: Answer, saved: Mapping[str, Any], hide: Redaction) -> str:
    for place, promised in expected.holds.items():
        observed = values_at(answer.json, place)
        wanted = fill(promised, saved)
        if not _matches(wanted, observed, many="*" in place.split(".")):
            shown = observed if "*" in place else (observed[0] if observed else "nothing")
            if hide.is_secret(place.rpartition(".")[2]):
                return f"promised {place}: another one, observed {'one' if observed else 'nothing'}"
            return f"promised {place}: {_shorten(hide.data(wanted))}, observed {_shorten(hide.data(shown))}"
    return ""


def _check_budget(expected: Expectation, answer: Answer) -> str:
    if expected.statements is None or answer.statements is None or answer.statements <= expected.statements:
        return ""
    return f"promised at most {expected.statements} statements, observed {answer.statements}"


def _matches(wanted: Any, observed: list[Any], *, many: bool) -> bool:
    if isinstance(wanted, dict) and len(wanted) == 1 and (name := next(iter(wanted))) in _OPERATORS:
        try:
            return bool(_OPERATORS[name](wanted[name], observed if many else observed[:1]))
        except TypeError:  # a string, but a number is promised
            return False
    return observed == wanted if many else bool(observed) and _equals(observed[0], wanted)


def _equals(observed: Any, wanted: Any) -> bool:
    """Return whether a value equals the wanted one. Objects may have more members than are wanted."""
    if isinstance(wanted, dict) and isinstance(observed, dict):
        return all(name in observed and _equals(observed[name], value) for name, value in wanted.items())
    return type(observed) is type(wanted) and bool(observed == wanted)


def _has_size(wanted: int, observed: list[Any]) -> bool:
    return bool(observed) and isinstance(observed[0], list | dict | str) and len(observed[0]) == wanted


_OPERATORS: dict[str, Any] = {
    "counts_from": lambda first, observed: observed == list(range(first, first + len(observed))),
    "absent": lambda absent, observed: bool(observed) != absent,
    "at_least": lambda least, observed: bool(observed) and all(each >= least for each in observed),
    "starts_with": lambda text, observed: bool(observed) and all(str(each).startswith(text) for each in observed),
    "one_of": lambda values, observed: bool(observed) and all(each in values for each in observed),
    "other_than": lambda value, observed: bool(observed) and all(each != value for each in observed),
    "each": lambda value, observed: all(each == value for each in observed),
    "size": _has_size,
}


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:100]} … {text[-40:]}"
