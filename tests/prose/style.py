"""The rules of style.yaml, and the phrases that they find."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from tests.prose.text import prose_of

STYLE = Path(__file__).with_name("style.yaml")


@dataclass(frozen=True)
class Rule:
    """A phrase that is not plain English, as a regular expression, and what to write instead."""

    match: str
    write: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression: whole words, any case, and white space of any kind for a space."""
        return _whole_words(self.match)


@dataclass(frozen=True)
class Finding:
    """One phrase that a rule matches."""

    path: Path
    line: int
    phrase: str
    write: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.phrase}”: write {self.write}"


@dataclass(frozen=True)
class Style:
    """Which paths are checked, and by which rules."""

    paths: tuple[str, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def read(cls) -> "Style":
        """Read style.yaml."""
        written = yaml.safe_load(STYLE.read_text(encoding="utf-8"))
        return cls(tuple(written["paths"]), tuple(Rule(*rule) for rule in written["rules"].items()))

    @cached_property
    def _any_rule(self) -> re.Pattern[str]:
        """One expression for all rules, because most files match none."""
        return _whole_words("|".join(rule.match for rule in self.rules))

    def check(self, path: Path) -> Iterator[Finding]:
        """Yield what the rules find in one file, in the order of its lines."""
        prose = prose_of(path)
        if not self._any_rule.search(prose):
            return
        found = [(match, rule) for rule in self.rules for match in rule.pattern.finditer(prose)]
        for match, rule in sorted(found, key=lambda it: it[0].start()):
            line = prose.count("\n", 0, match.start()) + 1
            yield Finding(path, line, " ".join(match[0].split()), rule.write)


def _whole_words(match: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + match.replace(" ", r"\s+") + r")\b", re.IGNORECASE)


def files(paths: list[Path]) -> list[Path]:
    """Return the Markdown and Python files that are among these paths or below them."""
    found = {path for path in paths if path.is_file()}
    for folder in (path for path in paths if path.is_dir()):
        found |= {path for kind in ("*.md", "*.py") for path in folder.rglob(kind)}
    return sorted(found)
