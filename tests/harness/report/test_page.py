"""The page is complete HTML, and texts of the record contain no markup."""

from html.parser import HTMLParser
from typing import Any

import pytest

from statuspin.errors import CannotRun
from statuspin.report.rendering import render_page


class Elements(HTMLParser):
    """Collects every element with its attributes, and unbalanced end tags."""

    VOID = ("meta", "link", "br", "img", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def test_the_page_is_html_without_external_references(text: str):
    elements = Elements(text)
    assert (elements.open, elements.unbalanced) == ([], [])
    assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in elements.found}
    attributes = [(name, value or "") for _, described in elements.found for name, value in described.items()]
    outer = [value for name, value in attributes if name in ("src", "href", "action", "style", "srcset")]
    assert [value for value in outer if not value.startswith(("#", "data:"))] == []
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    assert "@import" not in text
    assert "url(" not in text


def test_hostile_text_is_escaped(text: str):
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;/script&gt;") > 10


def test_every_operation_and_status_has_its_cell(text: str, record: dict[str, Any]):
    elements = Elements(text).found
    labels = {
        attributes["aria-label"] for tag, attributes in elements if tag == "button" and "aria-label" in attributes
    }
    wanted = {
        f"{cell['operation']} · {cell['status']}: {cell['state']}, {cell['count']} times" for cell in record["cells"]
    }
    assert labels == wanted
    opened = {attributes["popovertarget"] for tag, attributes in elements if "popovertarget" in attributes}
    assert opened == {attributes["id"] for tag, attributes in elements if "popover" in attributes}


def test_a_pin_is_in_the_cell_of_its_status(text: str):
    section = text.partition('aria-label="op_2 · 4XX">')[2].partition("</section>")[0]
    assert "op_2 · owner" in section
    assert "No pin promises it." not in section


@pytest.mark.parametrize("member", ["exchanges", "operations", "pins", "contract", "level", "findings"])
def test_an_incomplete_record_is_one_line(record: dict[str, Any], member: str):
    with pytest.raises(CannotRun, match="is incomplete"):
        render_page({name: value for name, value in record.items() if name != member})


def test_an_invalid_table_of_mutants_is_one_line(record: dict[str, Any]):
    with pytest.raises(CannotRun, match="is incomplete"):
        render_page(record, {"mutants": [{"name": "m"}]})
