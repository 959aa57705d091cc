"""Rate limits of the harness, and servers that send Retry-After."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from statuspin.http.connection import Connection
from statuspin.http.exchange import Answer
from statuspin.http.pace import Pace, Rate
from statuspin.http.patience import retry_after
from tests.harness.cli.commands import assert_one_line_error
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import broken_pins, document, run, write_contract

PINS = {
    "pins": {"get_thing": {"rows": [{"actor": "anonymous", "input": f"n{each}", "answer": 200} for each in range(4)]}}
}


class Limited:
    """An API that answers every second request with `status`, and `after` as Retry-After."""

    def __init__(self, status: int, after: str | None, *, always: bool = False) -> None:
        self.status, self.after, self.always = status, after, always
        self.asked = 0

    def __call__(self, asked: ReceivedRequest) -> Response:
        del asked
        self.asked += 1
        if self.asked % 2 or self.always:  # the probe is the first
            headers = {"Retry-After": self.after} if self.after is not None else {}
            return Response(self.status, {"error": "later"}, headers)
        return Response(200, {"id": 1})


@pytest.mark.parametrize("status", [429, 503])
async def test_the_client_waits_for_retry_after_and_counts_it(tmp_path: Path, status):
    with serve(Limited(status, "0")) as server:
        result = await run(write_contract(tmp_path, document(), PINS), server.url)
    assert broken_pins(result) == []
    assert result.resends.limited == 3


async def test_pauses_are_bounded(tmp_path: Path):
    api = Limited(429, "0", always=True)
    with serve(api) as server:
        result = await run(write_contract(tmp_path, document(), PINS), server.url)
    assert broken_pins(result) == [f"get_thing · anonymous · n{each} → promised 200, observed 429" for each in range(4)]
    assert api.asked == 1 + 4 * 4


@pytest.mark.parametrize("after", [None, "86400", "soon"])
async def test_the_client_does_not_wait_without_or_for_a_long_retry_after(tmp_path: Path, after):
    api = Limited(429, after, always=True)
    with serve(api) as server:
        await run(write_contract(tmp_path, document(), PINS), server.url)
    assert api.asked == 5


async def test_a_promised_429_is_a_response(tmp_path: Path):
    api = Limited(429, "0", always=True)
    responses = {"200": {"description": ""}, "429": {"description": ""}}
    read = document(paths={"/thing": {"get": {"operationId": "get_thing", "responses": responses}}})
    with serve(api) as server:
        pins = {"pins": {"get_thing": {"rows": [{"actor": "anonymous", "answer": 429}]}}}
        result = await run(write_contract(tmp_path, read, pins), server.url)
    assert (broken_pins(result), api.asked) == ([], 2)


async def test_the_fuzzer_waits_and_counts_no_429(tmp_path: Path):
    with serve(Limited(429, "0")) as server:
        result = await run(write_contract(tmp_path, document(), {"pins": {}}), server.url, fuzz=True)
    assert result.resends.limited > 0
    assert {each.key for each in result.coverage.cells() if each.count} == {"200"}


def test_retry_after_is_a_number_or_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after(Answer(429, {"retry-after": "7"})) == 7
    assert 28 < (retry_after(Answer(429, {"retry-after": soon})) or 0) <= 30
    assert retry_after(Answer(429, {"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"})) == 0
    assert retry_after(Answer(429, {})) is None


@pytest.mark.parametrize(
    ("text", "interval"), [("10/s", 0.1), ("600/m", 0.1), ("36000/h", 0.1), ("10", 0.1), ("0.5/s", 2.0)]
)
def test_a_rate_has_a_number_and_a_unit_of_time(text, interval):
    assert Rate.parse(text).interval == pytest.approx(interval)


@pytest.mark.parametrize("text", ["0/s", "-1/s", "10/d", "fast", "10/s/s"])
def test_an_invalid_rate_is_one_line(tmp_path: Path, text):
    assert_one_line_error(
        "verify", "--url", "http://127.0.0.1:9", "--rate", text, naming="is not a rate; write 10/s", cwd=tmp_path
    )


async def test_requests_are_sent_at_the_rate():
    pace = Pace(Rate(50, 1))
    started_at = time.monotonic()
    for _ in range(6):
        await pace.wait()
    assert time.monotonic() - started_at >= 0.1


async def test_a_race_reserves_its_moments_together():
    pace = Pace(Rate(20, 1))
    await pace.wait(4)
    started_at = time.monotonic()
    await pace.wait()
    assert time.monotonic() - started_at >= 0.15


async def test_pins_and_fuzzer_share_one_rate(tmp_path: Path):
    moments: list[float] = []

    def answers(asked: ReceivedRequest) -> Response:
        moments.append(time.monotonic())
        return Response(201 if asked.method == "POST" else 200, {"id": 1})

    with serve(answers) as server:
        connection = Connection(timeout=5, rate=Rate(50, 1))
        result = await run(write_contract(tmp_path, document(), PINS), server.url, connection, fuzz=True)
    assert broken_pins(result) == []
    assert result.requests / 50 * 0.9 <= moments[-1] - moments[0]
