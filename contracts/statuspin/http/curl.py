"""Write a request as a curl command for a POSIX shell."""

import re
from urllib.parse import urlsplit

from statuspin.http.exchange import Exchange, Sent
from statuspin.http.redaction import HIDDEN, Redaction

_LONGEST = 4000
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_SECRET = re.compile(rf"(?:([\w.-]+)(?:\\?\"\s*:\s*\\?\"|=))?{re.escape(HIDDEN)}")
_LEFT_OUT = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


def curl_command(exchange: Exchange, base_url: str, redaction: Redaction) -> str:
    """Return the request of an exchange as a curl command on one line.

    base_url: the base URL of the server. Secrets are shell variables: `$TOKEN`, or the name of the header, parameter
    or member in upper case. A body of more than 4,000 bytes is read from standard input.
    """
    sent = exchange.sent
    words = ["curl", "--include", "--globoff", "--path-as-is", *_method(sent)]
    for name, value in sent.headers.items():
        if name not in _LEFT_OUT:
            words += ["--header", _header(name, value, redaction)]
    if sent.body and "content-type" not in sent.headers:  # curl would add one
        words += ["--header", "Content-Type:"]
    words += ["--header", "'Transfer-Encoding: chunked'"] if sent.chunked else []
    before, body = _body(sent.body, redaction)
    return f"{before}{' '.join([*words, *body, _url(exchange, base_url, redaction)])}"


def _method(sent: Sent) -> list[str]:
    if sent.method == "HEAD":
        return ["--head"]
    return [] if sent.method == "GET" and not sent.body else ["--request", _quote(sent.method)]


def _header(name: str, value: str, redaction: Redaction) -> str:
    if not value:
        return _quote(f"{name};")  # curl removes a header that is written with a colon and no value
    scheme, _, credentials = value.partition(" ")
    if name == "authorization" and credentials:
        return _quote(f"{name}: {scheme} {HIDDEN}", "TOKEN")
    return _quote(f"{name}: {redaction.headers({name: value})[name]}", "TOKEN" if name == "authorization" else name)


def _body(body: bytes, redaction: Redaction) -> tuple[str, list[str]]:
    """Return the text before the command, and the command's options for the body."""
    if not body:
        return "", []
    if len(body) > _LONGEST:
        return f"< body-of-{len(body)}-bytes ", ["--data-binary", "@-"]
    try:
        text = body.decode()
        is_text = "\0" not in text and not text.startswith("@")
    except UnicodeDecodeError:
        is_text = False
    if is_text:
        return "", ["--data-binary", _quote(redaction.text(text))]
    octal = "".join(chr(byte) if _is_literal(byte) else f"\\0{byte:03o}" for byte in _redact_body(body, redaction))
    return f"printf %b {_quote(octal)} | ", ["--data-binary", "@-"]


def _redact_body(body: bytes, redaction: Redaction) -> bytes:
    return redaction.text(body.decode("latin-1")).encode("latin-1")


def _is_literal(byte: int) -> bool:
    return 0x20 <= byte < 0x7F and byte != ord("\\")


def _url(exchange: Exchange, base_url: str, redaction: Redaction) -> str:
    base = base_url.rstrip("/")
    if exchange.source.startswith("fuzzer"):  # the fuzzer's targets include the path of the base URL
        parts = urlsplit(base)
        base = f"{parts.scheme}://{parts.netloc}"
    return _quote(redaction.text(base) + redaction.text(exchange.sent.target))


def _quote(text: str, name: str = "SECRET") -> str:
    """Return a shell word in which each hidden value is a variable. name: for a value without a name."""
    pieces, end = list[str](), 0
    for found in _SECRET.finditer(text):
        begin = found.end() - len(HIDDEN)
        pieces += [_literal(text[end:begin]), f'"${_variable(found[1] or name)}"']
        end = found.end()
    return "".join([*pieces, _literal(text[end:])]) or "''"


def _variable(name: str) -> str:
    variable = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper()
    return f"_{variable}" if variable[:1].isdigit() else variable or "SECRET"


def _literal(text: str) -> str:
    if not text or _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    escaped = "".join(f"\\{each}" if each in "\\'" else each if each.isprintable() else _escape(each) for each in text)
    return f"$'{escaped}'"


def _escape(letter: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
