"""Tokens, passwords and cookies are redacted, and nothing else changes."""

import json

import pytest

from statuspin.contract.pins import PinsFile
from statuspin.http.redaction import Redaction

HIDE = Redaction(PinsFile().redact)
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ('{"password": "hunter2"}', '{"password": "[redacted]"}'),
        ('{"password":"a\\"b","x":1}', '{"password":"[redacted]","x":1}'),
        ('{"data": {"access_token": "abc"}}', '{"data": {"access_token": "[redacted]"}}'),
        ('{"Api-Key": "abc"}', '{"Api-Key": "[redacted]"}'),
        ('{"client_secret": ""}', '{"client_secret": "[redacted]"}'),
        ('{"password": "hunter2 is cut off he', '{"password": "[redacted]"'),
        ('{"password": "hunter2 is cut off \\', '{"password": "[redacted]"'),
        (r'{"log": "{\"password\": \"hunter2\", \"x\": 1}"}', r'{"log": "{\"password\": \"[redacted]\", \"x\": 1}"}'),
        ("/a?token=hunter2&b=1", "/a?token=[redacted]&b=1"),
        ("/a?b=1&refresh_token=hunter2", "/a?b=1&refresh_token=[redacted]"),
        ("password=hunter2&user=anna", "password=[redacted]&user=anna"),
        ("user=anna&password=hunter2", "user=anna&password=[redacted]"),
        (f"it was {TOKEN}!", "it was [redacted]!"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("basic dXNlcjpwYXNz", "basic [redacted]"),
        ("http://anna:hunter2@127.0.0.1:8000/a", "http://[redacted]@127.0.0.1:8000/a"),
    ],
)
def test_a_secret_in_a_text_is_redacted(text, redacted):
    assert HIDE.text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"token_type": "bearer"}',
        '{"total_tokens": "12"}',
        '{"name": "Anna", "count": 3, "nested": {"list": ["a", null, true]}}',
        '{"message": "Invalid email or password"}',
        'Bearer realm="api", error="invalid_token"',
        "/interviews?page=1&page_size=20",
        "http://127.0.0.1:8000/a?mail=a@b.example",
        "anna@example.com wrote https://example.com/@anna",
        "the token",
    ],
)
def test_other_texts_do_not_change(text):
    assert HIDE.text(text) == text


def test_headers_are_redacted_by_name_and_value():
    redacted = HIDE.headers(
        {
            "authorization": "x", "cookie": "a=b", "set-cookie": "a=b; Path=/", "x-api-key": "k", "x-auth-token": "t",
            "location": "/a?token=abc", "accept": "application/json", "x-forwarded": f"Bearer {TOKEN}",
        }
    )  # fmt: skip
    assert redacted == {
        **dict.fromkeys(("authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"), "[redacted]"),
        "location": "/a?token=[redacted]", "accept": "application/json", "x-forwarded": "Bearer [redacted]",
    }  # fmt: skip


def test_nested_json_is_redacted_and_keeps_its_structure():
    data = {"a": [{"password": "p", "n": 1}, f"Bearer {TOKEN}"], "token": {"secret": "s", "kind": "k"}, "cookie": None}
    redacted = {
        "a": [{"password": "[redacted]", "n": 1}, "Bearer [redacted]"],
        "token": {"secret": "[redacted]", "kind": "k"},
    }
    assert HIDE.data(data) == {**redacted, "cookie": None}
    assert json.loads(HIDE.text(json.dumps({"a": {"password": "p"}}))) == {"a": {"password": "[redacted]"}}


def test_only_tokens_are_redacted_without_names():
    hide = Redaction(())
    assert hide.text('{"password": "p"} /a?token=b') == '{"password": "p"} /a?token=b'
    assert hide.text(TOKEN) == "[redacted]"
