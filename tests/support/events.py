"""Read server-sent events as a client does (WHATWG HTML, section 9.2.6)."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2

ACCEPT_EVENTS = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Event:
    """An event: its name and its unparsed data."""

    name: str
    data: str

    @property
    def json(self) -> Any:
        """The data, parsed as JSON."""
        return json.loads(self.data)


def assert_events(response: httpx2.Response) -> list[Event]:
    """Assert a 200 with an event stream, and return its events."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    assert response.text.endswith("\n\n")
    return parse_events(response.text)


def parse_events(text: str) -> list[Event]:
    """Return the complete events of a stream, without comments."""
    blocks = [block.split("\n") for block in text.split("\n\n")[:-1]]
    fields = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [Event(each["event"], each["data"]) for each in fields if each]


def join_question(events: list[Event]) -> str:
    """Assert that all events but the last are parts of a question, and return the question."""
    assert {event.name for event in events[:-1]} == {"question"}
    assert all(list(event.json) == ["delta"] and event.json["delta"] for event in events[:-1])
    return "".join(event.json["delta"] for event in events[:-1])
