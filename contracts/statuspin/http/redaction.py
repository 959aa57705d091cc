"""Tokens, passwords and cookies taken out of whatever is kept or printed."""

import re
from typing import Any

_HIDDEN = "[redacted]"
_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+(?!\w+=[\w\"])\S+")
_USER = re.compile(r"(://)[^/?\s@]+@")
_NO_SECRET = {"token_type", "total_tokens"}


class Redaction:
    """Hides the values of members, parameters and headers whose names hold one of the given words, and tokens anywhere.

    words: in lower case, compared as parts of names.
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        """words: such as `password`, `token`, `cookie`."""
        self._words = words
        alternatives = "|".join(re.escape(word) for word in words) or "(?!)"
        self._members = re.compile(rf'(?i)("[\w-]*(?:{alternatives})[\w-]*"\s*:\s*)"(?:[^"\\]|\\.)*\\?(?:"|\Z)')
        self._quoted = re.compile(rf'(?i)(\\"([\w-]*(?:{alternatives})[\w-]*)\\"\s*:\s*\\")[^"\\]*')
        self._parameters = re.compile(rf"(?i)((?:\A|[?&])[\w.-]*(?:{alternatives})[\w.-]*=)[^&\s]*")

    def secret(self, name: str) -> bool:
        """Whether what goes by this name is hidden."""
        return name.lower() not in _NO_SECRET and any(word in name.lower() for word in self._words)

    def text(self, text: str) -> str:
        """A text (a body, a target, a message) without its secrets."""
        text = self._members.sub(self._member, text)
        text = self._quoted.sub(rf"\1{_HIDDEN}", text)
        text = self._parameters.sub(rf"\1{_HIDDEN}", text)
        text = _USER.sub(rf"\1{_HIDDEN}@", text)
        return _SCHEME.sub(rf"\1 {_HIDDEN}", _TOKEN.sub(_HIDDEN, text))

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Headers without their secrets."""
        return {name: _HIDDEN if self.secret(name) else self.text(value) for name, value in headers.items()}

    def data(self, node: Any) -> Any:
        """JSON without its secrets."""
        if isinstance(node, dict):
            return {
                name: _HIDDEN if self.secret(name) and isinstance(value, str) else self.data(value)
                for name, value in node.items()
            }
        if isinstance(node, list):
            return [self.data(each) for each in node]
        return self.text(node) if isinstance(node, str) else node

    def _member(self, found: re.Match[str]) -> str:
        name = found[1].split('"')[1]
        return f'{found[1]}"{_HIDDEN}"' if self.secret(name) else found[0]
