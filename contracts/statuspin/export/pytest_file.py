"""Write pins as a pytest file that needs only pytest and httpx2."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS, NO_STATE, OperationPins
from statuspin.contract.steps import Expectation, Request, Step
from statuspin.export.expressions import expression, variable
from statuspin.export.omissions import find_omissions
from statuspin.export.requests import call, environment_variables

_FIND = '''
def find(answer: httpx2.Response, place: str) -> list[Any]:
    """Return the values at a place of a response: header.NAME, cookie.NAME, or a place in the body (`data.*.id`)."""
    kind, _, name = place.partition(".")
    if kind in ("header", "cookie") and name:
        values = answer.headers if kind == "header" else answer.cookies
        return [values[name]] if name in values else []
    nodes = [answer.json()]
    for part in place.split("."):
        nodes = [child for node in nodes for child in children(node, part)]
    return nodes


def children(node: Any, part: str) -> list[Any]:
    """Return the value of a member or an element in a list, or all values for `*`."""
    if isinstance(node, dict):
        return list(node.values()) if part == "*" else [node[part]] if part in node else []
    if isinstance(node, list) and part == "*":
        return node
    if isinstance(node, list) and part.removeprefix("-").isdecimal():
        return node[int(part) :][:1]
    return []
'''
_SAME = '''
def same(observed: Any, wanted: Any) -> bool:
    """Return whether a value is the expected one. An object may have more members."""
    if isinstance(wanted, dict) and isinstance(observed, dict):
        return all(name in observed and same(observed[name], value) for name, value in wanted.items())
    return type(observed) is type(wanted) and observed == wanted
'''
_TAMPER = '''
def tamper(credentials: str) -> str:
    """Return credentials with a different last character."""
    return credentials[:-1] + ("A" if credentials[-1] != "A" else "B")
'''
_BASE_URL = "os.environ['BASE_URL']"
_GIVEN = {"unique": "str(uuid4())", "number": "0"}
"""Values that every pin may use."""
_IMPORTS = {
    "json.": "import json",
    "os.": "import os",
    "Counter(": "from collections import Counter",
    "ThreadPoolExecutor(": "from concurrent.futures import ThreadPoolExecutor",
    "Any": "from typing import Any",
    "quote(": "from urllib.parse import quote",
    "uuid4(": "from uuid import uuid4",
}
_OPERATORS = {
    "counts_from": "{found} == list(range({wanted}, {wanted} + len({found})))",
    "at_least": "{found} and all(each >= {wanted} for each in {found})",
    "starts_with": "{found} and all(str(each).startswith({wanted}) for each in {found})",
    "one_of": "{found} and all(each in {wanted} for each in {found})",
    "other_than": "{found} and all(each != {wanted} for each in {found})",
    "each": "all(each == {wanted} for each in {found})",
    "size": "{found} and len({found}[0]) == {wanted}",
}
"""The operators of `holds`, as conditions on the values at a place."""


def pytest_file(contract: Contract, pins: Iterable[Pin]) -> str:
    """Return a test module with one test function per pin.

    Each test creates the state that its pin needs. Base URLs and credentials come from the environment. The docstring
    of the module lists the variables, and what the tests do not repeat.
    """
    pins = list(pins)
    tests = [_Function(contract, pin) for pin in pins]
    code = "\n\n".join(test.text for test in tests)
    helpers = "\n".join(
        helper for name, helper in (("find(", _FIND), ("same(", _SAME), ("tamper(", _TAMPER)) if name in code
    )
    body = f"{helpers}\n\n{code}" if helpers else f"\n{code}"
    imports = sorted(
        (line for name, line in _IMPORTS.items() if re.search(rf"\b{re.escape(name)}", body)),
        key=lambda line: (line.startswith("from"), line),
    )
    heading = _docstring(contract, tests, find_omissions(contract, pins))
    return f'"""{heading}"""\n\n' + "\n".join(imports) + f"\n\nimport httpx2\n\n{body}"


def _docstring(contract: Contract, tests: "list[_Function]", omissions: Sequence[str]) -> str:
    variables = {name: value for test in tests for name, value in test.environment.items()}
    lines = [
        f"Tests of {'a pin' if len(tests) == 1 else f'{len(tests)} pins'} of {contract.document.title}.",
        "",
    ]
    lines += ["Set these environment variables to the base URLs and the credentials of the actors:", ""]
    lines += [f"    {name}={value}" for name, value in variables.items()]
    lines += [
        "",
        "The tests do not repeat these parts of `statuspin verify`:",
        "",
        *(f"- {each}" for each in omissions),
    ]
    return _escape("\n".join(lines) + "\n")


def _escape(text: str) -> str:
    """Escape a string of a contract for a docstring or a comment."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


class _Function:
    """The test function of one pin. environment: the variables that it reads, with descriptions of their values."""

    def __init__(self, contract: Contract, pin: Pin) -> None:
        self._contract, self._pin = contract, pin
        self.environment = {"BASE_URL": "http://127.0.0.1:8000"}
        self._base_url = _BASE_URL
        if pin.mode != AS_IT_IS:
            name = f"{re.sub(r'[^A-Z0-9]+', '_', pin.mode.upper()).strip('_')}_URL"
            self.environment[name] = f"http://127.0.0.1:8001, the server in the mode {pin.mode}"
            self._base_url = f"os.environ[{name!r}]"
        lines = "\n".join(self._lines())
        given = [f"{name} = {value}\n" for name, value in _GIVEN.items() if re.search(rf"(?<!send\()\b{name}\b", lines)]
        name = re.sub(r"\W+", "_", f"test {pin.id} {pin.promise}".replace("×", "times")).strip("_").lower()
        body = indent("".join(given) + lines, "    ")
        self.text = f'def {name}() -> None:\n    """{_escape(pin.id)} → {pin.promise}."""\n{body}\n'

    def _lines(self) -> Iterator[str]:
        pin = self._pin
        undo = list(self._undo(pin.state))
        yield from self._state(pin.state)
        for step in pin.before:
            yield from self._step(step, self._base_url)
        yield f"# {_escape(pin.id)}"
        yield from self._race() if pin.expected is None else self._request(pin.expected)
        for step in pin.then:
            yield from self._step(step, _BASE_URL)
        yield from undo

    def _state(self, name: str) -> Iterator[str]:
        if name == NO_STATE:
            return
        recipe = self._contract.pins.states[name]
        if recipe.after:
            yield from self._state(recipe.after)
        yield f"# The state: {_escape(name)}"
        for kept, value in recipe.values.items():
            yield f"{variable(kept)} = {expression(value)}"
        for step in recipe.steps:
            yield from self._step(step, _BASE_URL)

    def _undo(self, name: str) -> Iterator[str]:
        recipe = self._contract.pins.states.get(name)
        if recipe is None or recipe.once:
            return
        for step in recipe.undo:
            yield "# Remove the state, unless the pin removed it."
            yield f"answer = {self._call(step, _BASE_URL)}"
            yield f"assert answer.status_code in ({step.answer}, 404, 410), answer.text"
        if recipe.after:
            yield from self._undo(recipe.after)

    def _step(self, step: Step, base_url: str) -> Iterator[str]:
        lines = [f"answer = {self._call(step, base_url)}", *self._checks(step), *_keep_values(step.keep)]
        if step.times == 1:
            yield from lines
        else:
            yield f"for number in range({step.times}):"
            yield from (indent(line, "    ") for line in lines)

    def _call(self, step: Step, base_url: str) -> str:
        request = self._contract.pins.pins.get(step.operation, OperationPins()).request.merged(step.request)
        return self._write_call(step.operation, request, step.actor, base_url)

    def _write_call(self, operation: str, request: Request, actor: str, base_url: str) -> str:
        self.environment |= environment_variables(self._contract, actor)
        return call(self._contract, self._contract.document.operations[operation], request, actor, base_url)

    def _request(self, expected: Expectation) -> Iterator[str]:
        pin = self._pin
        yield f"answer = {self._write_call(pin.operation, pin.request, pin.actor, self._base_url)}"
        yield from self._checks(expected)
        yield from _keep_values(dict(pin.keep))

    def _checks(self, expected: Expectation) -> Iterator[str]:
        yield f"assert answer.status_code == {expected.answer}, answer.text"
        if expected.message is not None:
            yield f"assert find(answer, {self._contract.pins.message!r}) == [{expected.message!r}]"
        for name, value in expected.headers.items():
            yield _header(name, value)
        for place, wanted in expected.holds.items():
            yield _holds(place, wanted)

    def _race(self) -> Iterator[str]:
        pin = self._pin
        yield "def send(number: int) -> httpx2.Response:"
        yield f"    return {self._write_call(pin.operation, pin.request, pin.actor, self._base_url)}"
        race = [
            f"with ThreadPoolExecutor({pin.at_once}) as pool:",
            f"    answers = list(pool.map(send, range({pin.at_once})))",
            "tally = Counter(answer.status_code for answer in answers)",
            f"assert set(tally) <= {set(pin.statuses)!r}, tally",
            *(f"assert {least} <= tally[{status}] <= {most}, tally" for status, least, most in pin.answers),
        ]
        for place in pin.agree:
            race.append(f"agreed = {{str(find(answer, {place!r})) for answer in answers if answer.is_success}}")
            race.append("assert len(agreed) == 1, agreed")
        if pin.rounds == 1:
            yield from race
        else:
            yield f"for _ in range({pin.rounds}):"
            yield from (indent(line, "    ") for line in race)


def _keep_values(places: dict[str, str]) -> Iterator[str]:
    for name, place in places.items():
        yield f"{variable(name)} = find(answer, {place!r})[0]"


def _header(name: str, value: str | None) -> str:
    if value is None:
        return f"assert {name.lower()!r} not in answer.headers"
    if value == "*":
        return f"assert {name.lower()!r} in answer.headers"
    return f"assert answer.headers[{name.lower()!r}] == str({expression(value)})"


def _holds(place: str, wanted: Any) -> str:
    found = f"find(answer, {place!r})"
    many = "*" in place.split(".")
    if isinstance(wanted, dict) and len(wanted) == 1:
        operator, operand = next(iter(wanted.items()))
        if operator == "absent":
            return f"assert bool({found}) is not {bool(operand)}"
        if operator in _OPERATORS:
            values = found if many else f"{found}[:1]"
            return f"assert {_OPERATORS[operator].format(found=values, wanted=expression(operand))}"
    if many:
        return f"assert {found} == {expression(wanted)}"
    return f"assert same({found}[0], {expression(wanted)}), {found}"
