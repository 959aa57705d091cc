"""The parts of pins.yaml: service, actors, states and the rows of every operation."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, ValidationError, model_validator

from statuspin.contract.actors import Actor, Login
from statuspin.contract.fuzz import FuzzOptions
from statuspin.contract.steps import Names, Part, Request, Step
from statuspin.errors import CannotRun
from statuspin.loading.files import read_mapping

AS_IT_IS = "as it is"
VALID = "valid"
NO_STATE = "-"
ANY = "any"

DEPRECATED = {"never": "forbidden", "givens": "states", "subject": "service"}
"""Names of parts in earlier releases, by current name."""

Command = Annotated[tuple[str, ...], Field(min_length=1)]


class StateRecipe(Part):
    """The steps that create a state of a resource. once: create it one time for all pins. undo: steps to remove it."""

    description: str = ""
    after: str | None = None
    steps: tuple[Step, ...] = ()
    values: dict[str, Any] = {}
    undo: tuple[Step, ...] = ()
    once: bool = False


class Mode(Part):
    """A failure mode of the service: how its start differs from the normal one.

    occupied_by: a request that stays in progress while the mode is tested. until: a request that is repeated until it
    gets its response, which shows that the mode is active.
    """

    description: str = ""
    start: Command | None = None
    environment: dict[str, str] = {}
    ready: str | None = None
    occupied_by: Step | None = None
    until: Step | None = None


class Service(Part):
    """The command that starts the service under test.

    `{port}`, `{folder}` (an empty folder for the run), `{python}` and, in modes, `{url}` (of the service without
    failures) are replaced. ready: a path that returns 200 when the service is ready. tokens: a command that prints a
    tokens file.
    """

    start: Command
    environment: dict[str, str] = {}
    ready: str
    tokens: Command | None = None
    modes: dict[str, Mode] = {}


class Row(Part):
    """One line of the matrix. Lists are expanded to one pin per combination.

    at_once, answers: a race, with the count of each status, such as `{200: 1, 409: 19}`, or a range such as `1..20`.
    rounds: the number of times it runs with the same requests. agree: places in the bodies of its successes that have
    to hold the same value. before, then: requests before and after it. keep: names of values, with their places in
    the response, for `then`. assumed: the row is a guess about the server's data, so the pin is skipped if another
    documented status comes.
    """

    actor: Names
    state: Names = (ANY,)
    input: str = VALID
    mode: Names = (AS_IT_IS,)
    request: Request = Field(Request(), alias="with")
    answer: Annotated[int, Field(ge=100, le=599)] | None = None
    answers: dict[str, int | str] | None = None
    at_once: Annotated[int, Field(ge=2, le=1000)] | None = None
    rounds: Annotated[int, Field(ge=1, le=10)] = 1
    agree: tuple[str, ...] = ()
    message: str | None = None
    holds: dict[str, Any] = {}
    headers: dict[str, str | None] = {}
    statements: Annotated[int, Field(ge=0)] | None = None
    before: tuple[Step, ...] = ()
    keep: dict[str, str] = {}
    then: tuple[Step, ...] = ()
    assumed: bool = False

    @model_validator(mode="after")
    def _check_kind(self) -> "Row":
        if (self.answer is None) == (self.answers is None):
            raise ValueError("a row has either `answer` or, with `at_once`, `answers`")
        if (self.answers is None) != (self.at_once is None):
            raise ValueError("`answers` and `at_once` go together")
        for status, count in (self.answers or {}).items():
            if not re.fullmatch("[1-5][0-9][0-9]", status) or not re.fullmatch(r"\d+(\.\.\d+)?", str(count)):
                raise ValueError(
                    f"`answers` has a count or a range for each status, 200: 1 or 409: 1..19, not {status}: {count}"
                )
        return self


class Impossible(Part):
    """An impossible combination of actor and state, and the reason."""

    actor: Names = (ANY,)
    state: Names = (ANY,)
    because: Annotated[str, Field(min_length=3)]


class OperationPins(Part):
    """The rows of one operation, their common request, and the operation's axes."""

    request: Request = Request()
    states: tuple[str, ...] = (NO_STATE,)
    rows: tuple[Row, ...] = ()
    impossible: tuple[Impossible, ...] = ()


class Correction(Part):
    """A value that earlier releases pinned and that this one changes on purpose.

    operation, place: the place of the value, as in `holds`. was, now: the pinned value and its replacement. because:
    the benefit for clients. `replay` expects `now` in the rows of earlier releases that pin exactly `was`.
    """

    operation: str
    place: str
    was: Any
    now: Any
    because: Annotated[str, Field(min_length=1)]


class PinsFile(Part):
    """The content of pins.yaml.

    forbidden: statuses that no response may have, even if openapi.yaml documents them. message: the place of the
    message in a body. fuzzer: the actor whose credentials the fuzzer sends. fuzz: settings of the fuzzer.
    unsupported_methods: `strict` demands 405 for every method that openapi.yaml does not name, `lenient` only for paths
    that document 405. level: the coverage level that a complete run has to reach.
    draft: rows are still missing, so gaps are warnings.
    The spellings `never`, `subject` and `givens` of earlier releases are deprecated.
    """

    forbidden: tuple[int, ...] = Field((500,), validation_alias=AliasChoices("forbidden", "never"))
    message: str = "message"
    fuzzer: str | None = None
    fuzz: FuzzOptions = FuzzOptions()
    unsupported_methods: Literal["lenient", "strict"] = "lenient"
    level: Annotated[int, Field(ge=0, le=7)] = 0
    draft: bool = False
    login: Login | None = None
    redact: tuple[str, ...] = ("password", "token", "authorization", "cookie", "set-cookie", "secret", "api-key")
    service: Service | None = Field(None, validation_alias=AliasChoices("service", "subject"))
    actors: dict[str, Actor] = {"anonymous": Actor(anonymous=True)}
    states: dict[str, StateRecipe] = Field({}, validation_alias=AliasChoices("states", "givens"))
    corrections: tuple[Correction, ...] = ()
    shared: Any = None
    pins: dict[str, OperationPins] = {}

    @classmethod
    def read(cls, path: Path) -> "PinsFile":
        """Return the pins at `path`. Raises CannotRun with the first invalid place and the number of all."""
        return cls.from_data(read_mapping(path), str(path))

    @classmethod
    def from_data(cls, raw: Any, name: str) -> "PinsFile":
        """Return the pins in the data of a file. name: the file's name in messages."""
        for deprecated, current in DEPRECATED.items():
            if isinstance(raw, dict) and deprecated in raw and current in raw:
                raise CannotRun(f"{name}: `{deprecated}` is the deprecated name of `{current}`; write only `{current}`")
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            place = " → ".join(str(part) for part in first["loc"])
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            raise CannotRun(f"{name}: {place}: {first['msg'].removeprefix('Value error, ')}{more}") from None
