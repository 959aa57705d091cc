"""Whether the interviewer works, from the outcome of its last turn. Nothing is sent to it to find out."""

from typing import Literal


class InterviewerHealth:
    """The outcome of the last turn of one worker. state: "ok" until a turn fails, and again after one succeeds."""

    def __init__(self) -> None:
        self.state: Literal["ok", "degraded"] = "ok"

    def record(self, *, succeeded: bool) -> None:
        """Record the outcome of a turn."""
        self.state = "ok" if succeeded else "degraded"
