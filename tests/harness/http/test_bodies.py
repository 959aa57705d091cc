"""Request bodies in the media types of the document, and environment variables in requests."""

from email import message_from_bytes
from urllib.parse import parse_qsl

import pytest

from statuspin.contract.document import Operation
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.bodies import choose_media_type, encode_body
from statuspin.http.building import build_request
from statuspin.http.credentials import ANONYMOUS, Credentials

FORM = "application/x-www-form-urlencoded"
BODY = {"name": "zoë & co", "tags": ["a", "b"], "n": 1, "on": True, "none": None}


@pytest.mark.parametrize(
    ("media_types", "expected"),
    [
        ((), "application/json"),
        (("application/json",), "application/json"),
        ((FORM,), FORM),
        (("multipart/form-data", FORM), "multipart/form-data"),
        ((FORM, "application/json; charset=utf-8"), "application/json"),
        (("application/vnd.thing+json",), "application/vnd.thing+json"),
        (("*/*",), "application/json"),
        (("text/xml",), "application/json"),
    ],
)
def test_json_is_preferred_to_a_form(media_types, expected):
    assert choose_media_type(media_types) == expected


def test_an_object_is_encoded_as_a_form():
    encoded, media_type = encode_body(BODY, FORM)
    assert media_type == FORM
    assert parse_qsl(encoded.decode()) == [
        ("name", "zoë & co"),
        ("tags", "a"),
        ("tags", "b"),
        ("n", "1"),
        ("on", "true"),
    ]


def test_an_object_is_encoded_as_multipart():
    encoded, media_type = encode_body(BODY, "multipart/form-data")
    message = message_from_bytes(f"Content-Type: {media_type}\r\n\r\n".encode() + encoded)
    parts = [
        (part.get_param("name", header="content-disposition"), part.get_payload(decode=True).decode())
        for part in message.get_payload()
    ]
    assert parts == [("name", "zoë & co"), ("tags", "a"), ("tags", "b"), ("n", "1"), ("on", "true")]


def test_other_values_are_encoded_as_json():
    assert encode_body(["a"], FORM) == (b'["a"]', FORM)


def build_sent_request(request: dict, credentials: Credentials = ANONYMOUS, *media_types: str):
    operation = Operation("make", "/a", "post", {}, {}, media_types=media_types)
    return build_request(operation, Request.model_validate(request), credentials, {"name": "kept"})


def test_a_pin_overrides_the_media_type_of_the_document():
    assert build_sent_request({"body": {"a": 1}}, ANONYMOUS, FORM).body == b"a=1"
    assert build_sent_request({"body": {"a": 1}, "media_type": "application/json"}, ANONYMOUS, FORM).body == b'{"a": 1}'


def test_only_unsafe_requests_have_a_csrf_field_in_the_body():
    credentials = Credentials(csrf_field=("token", "t"))
    assert build_sent_request({"body": {"a": 1}}, credentials, FORM).body == b"token=t&a=1"
    assert build_sent_request({}, credentials, FORM).body == b"token=t"
    assert build_sent_request({"method": "GET"}, credentials, FORM).body == b""


def test_a_pin_overrides_the_credentials():
    credentials = Credentials({"x-key": "mine"}, {"key": "mine"}, {"session": "mine"})
    own = build_sent_request({"headers": {"X-Key": "own", "Cookie": "own=1"}, "query": {"key": "own"}}, credentials)
    assert own.headers == {"x-key": "own", "cookie": "own=1"}
    assert own.query == [("key", "own")]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("${SHOP_KEY}", b'"s3{cret}"'),
        ("a ${SHOP_KEY} {name}", b'"a s3{cret} kept"'),
        ({"$raw": "${SHOP_KEY}"}, b'"${SHOP_KEY}"'),
    ],
)
def test_an_environment_variable_is_substituted(monkeypatch: pytest.MonkeyPatch, text, body):
    monkeypatch.setenv("SHOP_KEY", "s3{cret}")
    assert build_sent_request({"body": text}).body == body


def test_an_error_if_the_environment_variable_is_not_set():
    with pytest.raises(CannotRun, match=r"pins\.yaml: the environment variable NOT_THERE is not set"):
        build_sent_request({"body": "${NOT_THERE}"})
