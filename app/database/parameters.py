"""Named parameters in SQL text: turn `:name` into PostgreSQL's `$1`, `$2`, …, one number for each name.

A colon means other things in SQL too. It is unchanged in string literals, quoted identifiers, dollar quotes and
comments, in `::` and `:=`, and between the bounds of an array slice (`a[1:n]`).
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'             # string literal with backslash escapes
    | '(?:[^']|'')*'                              # string literal
    | "(?:[^"]|"")*"                              # quoted identifier
    | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$
    | --[^\n]*
    | ::
    | :=
    | (?P<comment>/\*)
    | :(?P<name>[^\W\d]\w*)
    | (?P<bracket>[(\[\])])
    | (?P<position>(?<![\w$])\$\d+)
    | (?P<unclosed>['"]|(?<![\w$])\$(?:[^\W\d]\w*)?\$)
    """,
    re.VERBOSE | re.DOTALL,
)

_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ARRAY = re.compile(r"\bARRAY\s*\Z", re.IGNORECASE)
_OPERAND_END = re.compile(r"""[\w$)\]"']\Z""")
_SLICE_OR_ELEMENT = re.compile(r"""\[\s*\Z|[\w$)\]"']\s+\Z""")
_ROUND, _SUBSCRIPT, _CONSTRUCTOR = "(", "[", "ARRAY["


class StatementError(ValueError):
    """A statement that cannot be compiled. Raised while its module is imported."""


class PositionalText(NamedTuple):
    """SQL with `$1`, `$2`, …, and the names of these parameters in order."""

    sql: str
    names: tuple[str, ...]


def number_parameters(text: str) -> PositionalText:
    """Replace each `:name` by `$n`; the same name always gets the same number.

    In a subscript, `a[:n]` could be a slice or an element. Write `a[(:n)]` for a parameter.
    Raises StatementError for that, for `$1` in the text, and for a quote or comment that is not closed.
    """
    names: dict[str, int] = {}
    brackets: list[str] = []
    parts: list[str] = []
    end = 0
    while token := _TOKEN.search(text, end):
        parts.append(text[end : token.start()])
        end = token.end()
        if token["comment"]:
            end = _end_of_comment(text, token.start())
        elif token["bracket"]:
            _follow_bracket(token, brackets)
        elif token["name"] and _is_parameter(token, brackets):
            number = names.setdefault(token["name"], len(names) + 1)
            parts.append(f"${number}")
            continue
        elif token["position"]:
            raise _error(token, f"{token[0]} is a positional parameter; give it a name, such as :interview_id")
        elif token["unclosed"]:
            raise _error(token, f"the quote {token[0]} is not closed")
        parts.append(text[token.start() : end])
    return PositionalText("".join(parts) + text[end:], tuple(names))


def _follow_bracket(token: re.Match[str], brackets: list[str]) -> None:
    """Keep `brackets` the list of the open ones."""
    before = token.string[: token.start()]
    if token[0] == "(":
        brackets.append(_ROUND)
    elif token[0] == "[":
        nested = bool(brackets) and brackets[-1] == _CONSTRUCTOR and not _OPERAND_END.search(before.rstrip())
        brackets.append(_CONSTRUCTOR if nested or _ARRAY.search(before) else _SUBSCRIPT)
    elif brackets:
        brackets.pop()


def _is_parameter(token: re.Match[str], brackets: list[str]) -> bool:
    """Return whether `:name` is a parameter, not the upper bound of a slice."""
    if not brackets or brackets[-1] != _SUBSCRIPT:
        return True
    before = token.string[: token.start()]
    if _OPERAND_END.search(before):
        return False
    if _SLICE_OR_ELEMENT.search(before):
        raise _error(token, f"{token[0]} could be a bound of a slice; write ({token[0]}) for a parameter")
    return True


def _end_of_comment(text: str, start: int) -> int:
    """Return where the comment that begins at `start` ends; PostgreSQL's comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise StatementError(f"line {_line(text, start)}: the comment is not closed")


def _error(token: re.Match[str], problem: str) -> StatementError:
    return StatementError(f"line {_line(token.string, token.start())}: {problem}")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
