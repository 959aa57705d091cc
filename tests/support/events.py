"""Server-Sent Events as a client reads them (WHATWG HTML, section 9.2.6)."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2

EVENTS = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Event:
    """One event: its name, and its data as it came."""

    name: str
    data: str

    @property
    def json(self) -> Any:
        """The data, parsed."""
        return json.loads(self.data)


def events_of(response: httpx2.Response) -> list[Event]:
    """Assert a whole 200 of events; the events."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    assert response.text.endswith("\n\n")
    return read(response.text)


def read(text: str) -> list[Event]:
    """The events of a stream, as far as they are whole; comments are left out."""
    blocks = [block.split("\n") for block in text.split("\n\n")[:-1]]
    fields = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [Event(each["event"], each["data"]) for each in fields if each]


def question_of(events: list[Event]) -> str:
    """Assert that all events but the last are parts of a question; the question."""
    assert {event.name for event in events[:-1]} == {"question"}
    assert all(list(event.json) == ["delta"] and event.json["delta"] for event in events[:-1])
    return "".join(event.json["delta"] for event in events[:-1])
