"""Write values of pins.yaml as Python expressions."""

import keyword
import re
from typing import Any

from statuspin.http.values import fill

_REFERENCE = re.compile(r"\$\{(?P<environment>[A-Za-z_]\w*)\}|\{(?P<name>[a-z_][a-z0-9_]*)\}", re.ASCII)
_WHOLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}", re.ASCII)
_MAKERS = ("$json", "$repeat", "$raw")
_TAKEN = frozenset({"answer", "answers", "client", "credentials", "find", "holds", "httpx2", "os", "quote", "send"})


def variable(name: str) -> str:
    """Return the Python variable for a value that a step kept."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    taken = plain in _TAKEN or keyword.iskeyword(plain) or plain.startswith(tuple("0123456789"))
    return f"{plain}_" if taken and not plain[0].isdigit() else f"_{plain}" if taken else plain


def expression(value: Any) -> str:
    """Return a value as a Python expression. `{name}` becomes a variable and `${NAME}` an environment variable."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(expression, value))}]"
    if not isinstance(value, dict):
        return repr(value)
    if len(value) == 1 and (maker := next(iter(value))) in _MAKERS:
        return _call_maker(maker, value)
    return f"{{{', '.join(f'{name!r}: {expression(each)}' for name, each in value.items())}}}"


def _call_maker(maker: str, value: dict[str, Any]) -> str:
    described = value[maker]
    if maker == "$json":
        return f"json.loads({described!r})"
    if maker == "$repeat" and isinstance(described, dict) and {"text", "times"} <= described.keys():
        return f"{described['text']!r} * {described['times']!r}"
    return repr(fill(value, {}))


def _text(text: str) -> str:
    if whole := _WHOLE.fullmatch(text):
        return variable(whole[1])
    if not _REFERENCE.search(text):
        return repr(text)
    pieces, end = list[str](), 0
    for found in _REFERENCE.finditer(text):
        pieces.append(repr(text[end : found.start()]))
        name, environment = found["name"], found["environment"]
        pieces.append(f"str({variable(name)})" if name else f"os.environ[{environment!r}]")
        end = found.end()
    pieces.append(repr(text[end:]))
    return " + ".join(piece for piece in pieces if piece != "''")
