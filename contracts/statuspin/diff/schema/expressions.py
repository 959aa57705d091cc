"""Translate regular expressions of ECMA-262 to the dialect of the library greenery.

ECMA-262 searches and has anchors. greenery matches the whole text, has no anchors and escapes fewer characters.
"""

import re
from functools import lru_cache

from statuspin.diff.schema.automata import Undecided

_CLASSES = "dDwWsS"
_CONTROLS = "ntrfv"
_SPECIAL = ".[]()|?*+{}\\"
_SPECIAL_IN_CLASS = "[]^-\\"
_QUANTIFIER = re.compile(r"[*+?]|\{\d+(,\d*)?\}")
_CODE = re.compile(r"u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]+)\}")


@lru_cache(maxsize=1024)
def translate(pattern: str) -> str:
    """Return a pattern that searches as one that matches the whole text.

    Raises Undecided if greenery has no such thing.
    """
    return _Translation(pattern).alternatives()


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    def alternatives(self) -> str:
        """Return the whole pattern, each branch on the top level with its anchors."""
        branches = [self._branch()]
        while self._skip("|"):
            branches.append(self._branch())
        if self._at < len(self._pattern):
            raise Undecided
        return "|".join(branches)

    def _branch(self) -> str:
        start = "" if self._skip("^") else ".*"
        body = self._sequence()
        end = ""
        if self._skip("$"):
            if self._peek() not in {"", "|"}:
                raise Undecided
        else:
            end = ".*"
        return f"{start}({body}){end}"

    def _sequence(self) -> str:
        parts = []
        while (character := self._peek()) and character not in "|)$":
            parts.append(self._atom() + self._quantifier())
        return "".join(parts)

    def _atom(self) -> str:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape(_SPECIAL)
        if character == "^":
            raise Undecided
        if character == ".":
            return "[^\\n\\r]"
        return f"\\{character}" if character in "]{}" else character

    def _group(self) -> str:
        if self._skip("?") and not self._skip(":"):
            raise Undecided
        branches = [self._sequence()]
        while self._skip("|"):
            branches.append(self._sequence())
        if not self._skip(")"):
            raise Undecided
        return f"({'|'.join(branches)})"

    def _class(self) -> str:
        negation = "^" if self._skip("^") else ""
        members: list[str] = []
        while (character := self._next()) != "]":
            if character == "\\":
                members.append(self._escape(_SPECIAL_IN_CLASS))
            elif character == "-" and members and self._peek() != "]" and members[-1] != "-":
                members.append("-")
            else:
                members.append(f"\\{character}" if character in _SPECIAL_IN_CLASS else character)
        return f"[{negation}{''.join(members)}]" if members else "[]" if not negation else "."

    def _escape(self, special: str) -> str:
        if (code := _CODE.match(self._pattern, self._at)) is not None:
            self._at = code.end()
            character = chr(int(next(group for group in code.groups() if group), 16))
            return f"\\{character}" if character in special else character
        character = self._next()
        if character in _CLASSES + _CONTROLS:
            return f"\\{character}"
        if character.isalnum():
            raise Undecided
        return f"\\{character}" if character in special else character

    def _quantifier(self) -> str:
        found = _QUANTIFIER.match(self._pattern, self._at)
        if found is None:
            return ""
        self._at = found.end()
        self._skip("?")
        return found[0]

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise Undecided
        self._at += 1
        return character

    def _skip(self, character: str) -> bool:
        """Skip `character` if it comes next, and return whether it did."""
        if self._peek() != character:
            return False
        self._at += 1
        return True
