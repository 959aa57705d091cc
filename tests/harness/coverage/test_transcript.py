"""The hash of the sent requests."""

import pytest

from statuspin.coverage.transcript import Transcript
from statuspin.http.exchange import Exchange, Sent
from tests.harness.coverage.exchanges import exchange

ONE, TWO, THREE = (f"0190a1b2-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
TOKEN = "eyJhbGciOiJub25l.eyJzdWIiOiIx."


def digest(*exchanges: Exchange) -> str:
    transcript = Transcript()
    for each in exchanges:
        transcript.see(each)
    assert transcript.requests == len(exchanges)
    return transcript.digest


def run(*ids: str) -> list[Exchange]:
    return [exchange("a", f"/a/{each}", method="PUT", body={"id": each}) for each in ids]


def test_ids_count_by_their_first_appearance():
    assert digest(*run(ONE, TWO, ONE)) == digest(*run(THREE, ONE, THREE)) == digest(*run(ONE.upper(), TWO, ONE))
    assert digest(*run(ONE, TWO, ONE)) != digest(*run(ONE, TWO, TWO))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("tokens", {"headers": {"x-a": TOKEN}}, {"headers": {"x-a": TOKEN.replace("MS", "Ms") + "c2ln"}}),
        ("authorization", {"headers": {"authorization": "Bearer a"}}, {"headers": {"authorization": "Bearer b"}}),
        ("user agent", {"headers": {"user-agent": "a"}}, {}),
        ("moments", {"body": {"at": "2026-01-31T10:00:00Z"}}, {"body": {"at": "2027-12-01T23:59:59.123Z"}}),
        ("answers", {"status": 200}, {"status": 404}),
        ("order of headers", {"headers": {"a": "1", "b": "2"}}, {"headers": {"b": "2", "a": "1"}}),
    ],
)
def test_values_that_differ_between_runs_do_not_change_the_hash(name, one, other):
    assert digest(exchange("a", **one)) == digest(exchange("a", **other)), name


@pytest.mark.parametrize(
    "other",
    [
        {"target": "/b"}, {"target": "/a?x=1"}, {"method": "POST"}, {"body": {"a": 2}}, {"body": None},
        {"headers": {"x-a": "2"}},
    ],
    ids=["path", "query", "method", "body", "no body", "header"],
)  # fmt: skip
def test_a_different_request_changes_the_hash(other):
    asked = {"target": "/a", "body": {"a": 1}, "headers": {"x-a": "1"}}
    assert digest(exchange("a", **asked)) != digest(exchange("a", **{**asked, **other}))


def test_a_different_order_changes_the_hash():
    one, two = exchange("a", "/1"), exchange("a", "/2")
    assert digest(one, two) != digest(two, one)
    assert digest(one) != digest(one, one)


def test_a_kept_value_is_hashed_by_its_name():
    hashes = set()
    for cursor in ("a1b2c3d4e5f6a7b8", "ffffffffffffffff"):
        transcript = Transcript()
        sent = Sent("GET", f"/things?cursor={cursor}", {})
        transcript.see(Exchange("list_things", sent, None), {"cursor": cursor, "number": 1, "short": "a"})
        hashes.add(transcript.digest)

    assert len(hashes) == 1
