"""Content negotiation (RFC 9110, section 12.5.1)."""

import pytest
from starlette.requests import Request

from app.http.content_negotiation import CSV, JSON, MARKDOWN, require_media_type, select_media_type
from app.http.errors import NotAcceptable

OFFERED = (JSON, MARKDOWN, CSV)


def _request(*headers: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", each.encode("latin-1")) for each in headers]})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        (["*"], JSON),
        (["application/json"], JSON),
        (["application/*"], JSON),
        (["text/markdown"], MARKDOWN),
        (["TEXT/Markdown; Charset=UTF-8"], MARKDOWN),
        (["text/csv"], CSV),
        (["text/csv; header=present"], CSV),
        (["text/*"], MARKDOWN),
        (["text/csv, text/markdown"], MARKDOWN),
        (["text/csv, text/markdown;q=0.9"], CSV),
        (["text/csv", "application/json;q=0.5"], CSV),
        (["text/html, application/xhtml+xml, */*;q=0.8"], JSON),
        (["text/markdown;q=0, */*"], JSON),
        (["application/json;q=0, */*;q=0.1"], MARKDOWN),
        (["application/pdf, text/csv;q=0.001"], CSV),
    ],
)
def test_the_preferred_media_type_is_selected(headers: list[str], expected: str) -> None:
    assert select_media_type(_request(*headers), OFFERED) == expected
    assert require_media_type(_request(*headers), OFFERED) == expected


@pytest.mark.parametrize(
    "header",
    [
        "application/pdf", "image/*", "text/html", "*/*;q=0", "application/json;q=0", "json", "text/csv/x", ";", "é",
        "text/csv;q=0.0", "text/*;q=0, application/json;q=0, */*",
    ],
)  # fmt: skip
def test_none_if_no_offered_media_type_is_acceptable(header: str) -> None:
    assert select_media_type(_request(header), OFFERED) is None
    with pytest.raises(NotAcceptable) as raised:
        require_media_type(_request(header), OFFERED)
    assert raised.value.offered == "application/json, text/markdown, text/csv"
