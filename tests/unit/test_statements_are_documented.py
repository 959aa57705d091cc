"""app/database/README.md says of each statement whether it is a Piccolo query or SQL text."""

import re

from tests.support.command_line import CHECKOUT
from tests.support.statements import STATEMENTS

_ROW = re.compile(r"^\| (`[^|]+) \| (Piccolo|text) \|", re.MULTILINE)
_PICCOLO = re.compile(r'[A-Z ]+"')
"""Piccolo quotes every name; the service's own text quotes none that it need not."""


def test_the_readme_lists_each_statement_with_its_form() -> None:
    readme = (CHECKOUT / "app/database/README.md").read_text(encoding="utf-8")

    documented = {name: form for names, form in _ROW.findall(readme) for name in re.findall(r"`([^`]+)`", names)}

    assert documented == {
        name: "Piccolo" if _PICCOLO.match(statement.sql) else "text" for name, statement in STATEMENTS.items()
    }
