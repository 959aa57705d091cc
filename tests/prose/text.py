"""Extract the prose of a file. Everything else is replaced by NUL, so that offsets and line numbers stay the same."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_MARKDOWN_CODE = re.compile(
    r"""
      ^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*[ ]*$   # a fenced block
    | ^(?:[ ]{4,}|\t)(?![-*\d ]).*$                   # an indented block
    | (?P<ticks>`+).+?(?P=ticks)                      # inline code
    | <!--.*?-->
    | (?<=\])\([^)\s]+\)                              # the target of a link
    | https?://\S+
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_VISIBLE = re.compile(r"\S")


def prose_of(path: Path) -> str:
    """Return a string as long as the file, with NUL for each visible character that is not prose.

    Knows Markdown (code and link targets are not prose) and Python (docstrings, comments, help texts of options and
    messages of raised exceptions are).
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return _MARKDOWN_CODE.sub(lambda code: _blank(code[0]), text)
    kept = list(_blank(text))
    for start, end in _python_prose(text):
        prose = re.sub(r"`[^`\n]+`|https?://\S+|\"{3}|\{[^{}\n]*\}", lambda code: _blank(code[0]), text[start:end])
        prose = re.sub(r'"\s+[fr]*"', lambda joint: re.sub(r"\S", " ", joint[0]), prose)  # adjacent string literals
        kept[start:end] = prose.replace("#", " ", 1) if prose.startswith("#") else prose
    return "".join(kept)


def _blank(code: str) -> str:
    return _VISIBLE.sub("\0", code)


def _python_prose(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each docstring and comment."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for node in _texts(ast.parse(text)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        yield (
            starts[node.lineno - 1] + _characters(lines[node.lineno - 1], node.col_offset),
            starts[node.end_lineno - 1] + _characters(lines[node.end_lineno - 1], node.end_col_offset),
        )
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]


def _texts(tree: ast.Module) -> Iterator[ast.expr]:
    """Docstrings, help texts of options, and messages of exceptions that are raised."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as docstring):
                yield docstring
            case ast.keyword(arg="help", value=(ast.Constant(value=str()) | ast.JoinedStr()) as text):
                yield text
            case ast.Raise(exc=ast.Call(args=[(ast.Constant(value=str()) | ast.JoinedStr()) as message, *_])):
                yield message


def _characters(line: str, column: int) -> int:
    """Return the number of characters in the first `column` bytes, in which ast counts."""
    return len(line.encode()[:column].decode())
