"""Remove tokens, passwords and cookies from everything that is stored or printed."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from statuspin.contract.folder import Contract

HIDDEN = "[redacted]"
_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+(?!\w+=[\w\"])\S+")
_USER = re.compile(r"(://)[^/?\s@]+@")
_LEAST = 8
_NO_SECRET = {"token_type", "total_tokens"}


class Redaction:
    """Hides tokens, the values of members, parameters and headers with secret names, and credentials."""

    def __init__(self, words: tuple[str, ...], names: Iterable[str] = (), values: Iterable[str] = ()) -> None:
        """Take the secret names, in lower case, and the credentials.

        words: parts of names, such as `password`, `token` or `cookie`. names: full names, such as `x-api-key`. values:
        hidden everywhere, if they are long enough not to hide ordinary words.
        """
        forms = {form for value in values if len(value) >= _LEAST for form in (value, quote(value, safe=""))}
        self._values = sorted(forms, key=len, reverse=True)
        self._words, self._names = words, frozenset(names)
        alternatives = "|".join(re.escape(word) for word in words) or "(?!)"
        exact = "".join(f"|{re.escape(name)}" for name in sorted(self._names))
        member, parameter = (rf"(?:[{kind}]*(?:{alternatives})[{kind}]*{exact})" for kind in (r"\w-", r"\w.-"))
        self._members = re.compile(rf'(?i)("{member}"\s*:\s*)"(?:[^"\\]|\\.)*\\?(?:"|\Z)')
        self._quoted = re.compile(rf'(?i)(\\"({member})\\"\s*:\s*\\")[^"\\]*')
        self._parameters = re.compile(rf"(?i)((?:\A|[?&]){parameter}=)[^&\s]*")

    @classmethod
    def from_contract(cls, contract: Contract, values: Iterable[str] = ()) -> "Redaction":
        """Return the redaction for the names that a contract declares secret. values: credentials that were sent."""
        return cls(contract.pins.redact, contract.secret_names, values)

    def is_secret(self, name: str) -> bool:
        """Return whether values of this name are hidden."""
        lower = name.lower()
        return lower in self._names or (lower not in _NO_SECRET and any(word in lower for word in self._words))

    def text(self, text: str) -> str:
        """Return a body, target or message without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        text = self._members.sub(self._replace_member, text)
        text = self._quoted.sub(rf"\1{HIDDEN}", text)
        text = self._parameters.sub(rf"\1{HIDDEN}", text)
        text = _USER.sub(rf"\1{HIDDEN}@", text)
        return _SCHEME.sub(rf"\1 {HIDDEN}", _TOKEN.sub(HIDDEN, text))

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Return headers without secrets."""
        return {name: HIDDEN if self.is_secret(name) else self.text(value) for name, value in headers.items()}

    def data(self, node: Any) -> Any:
        """Return JSON data without secrets."""
        if isinstance(node, dict):
            return {
                name: HIDDEN if self.is_secret(name) and isinstance(value, str) else self.data(value)
                for name, value in node.items()
            }
        if isinstance(node, list):
            return [self.data(each) for each in node]
        return self.text(node) if isinstance(node, str) else node

    def _replace_member(self, found: re.Match[str]) -> str:
        name = found[1].split('"')[1]
        return f'{found[1]}"{HIDDEN}"' if self.is_secret(name) else found[0]
