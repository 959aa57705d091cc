"""Escape what people said, so that a document shows it and does not run it."""

import re
import unicodedata

_FORMULA_PREFIXES = frozenset("=+-@\N{MINUS SIGN}")
"""Spreadsheets run a cell that starts with one of these characters as a formula (OWASP, "CSV Injection")."""

_LINE_STARTS = ("\t", "\r", "\n")
"""Some spreadsheets split a cell here, and the next cell may be a formula."""

_QUOTES = frozenset("\"'`\N{ACUTE ACCENT}")
_QUOTE_CATEGORIES = frozenset({"Pi", "Pf"})
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Mn", "Me", "Zs", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols without a glyph."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~]")
_SPECIAL_AT_START = re.compile(r"([#+=-])|(\d+)([.)])")
_LINE_END = re.compile(r"\r\n|\r|\n")


def escape_formula(content: str) -> str:
    """Return the content with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{content}" if content.startswith(_LINE_STARTS) or _looks_like_formula(content) else content


def _looks_like_formula(content: str) -> bool:
    """Return whether the first visible character starts a formula. Quotes before it do not count.

    NFKC turns full-width, small and raised operators into the plain ones, as spreadsheets do.
    """
    first = next((character for character in content if not _is_skipped(character)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA_PREFIXES if first else False


def _is_skipped(character: str) -> bool:
    category = unicodedata.category(character)
    return (
        category in _INVISIBLE_CATEGORIES
        or category in _QUOTE_CATEGORIES
        or character in _QUOTES
        or character in _FILLERS
    )


def escape_text(text: str) -> str:
    """Escape the markup of CommonMark, and keep the line breaks and empty lines of the text."""
    lines = [_escape_line(line.strip()) for line in _LINE_END.split(text)]
    return "\n".join(
        f"{line}\\" if line and following else line for line, following in zip(lines, [*lines[1:], ""], strict=True)
    )


def _escape_line(line: str) -> str:
    line = _SPECIAL.sub(r"\\\g<0>", line)
    start = _SPECIAL_AT_START.match(line)
    if start is None:
        return line
    sign = start.end() - 1
    return f"{line[:sign]}\\{line[sign:]}"
