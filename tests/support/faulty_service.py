"""A service whose interviewer fails as INTERVIEWER_FAULT says. Start it like `python -m app serve`.

The first question of an interview succeeds unless FAULTY_FROM_THE_START is set.
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from app.application import create_app
from app.interviewer.protocol import Conversation, InterviewerError, Reply
from app.interviewer.scripted import ScriptedInterviewer
from app.logs import configure_logs
from app.settings import Settings
from tests.support.serving import serve


class FaultyInterviewer(ScriptedInterviewer):
    """Asks the first question, and then hangs, raises, returns an invalid question or is slow."""

    async def reply(self, conversation: Conversation) -> Reply:
        """Return the scripted reply to the first question, then fail."""
        reply = await super().reply(conversation)
        if not conversation.history and not os.environ.get("FAULTY_FROM_THE_START"):
            return reply
        return await getattr(self, os.environ["INTERVIEWER_FAULT"])(reply)

    async def hangs(self, reply: Reply) -> Reply:
        """Never return."""
        await asyncio.Event().wait()
        return reply

    async def dies(self, reply: Reply) -> Reply:
        """Raise an error with a secret in its message."""
        raise InterviewerError(f"secret: {reply.question}")

    async def rubbish(self, reply: Reply) -> Reply:
        """Return a question that cannot be stored."""
        return Reply("\0", reply.is_final)

    async def slow(self, reply: Reply) -> Reply:
        """Return after 0.3 seconds."""
        await asyncio.sleep(0.3)
        return reply

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """Return no matches."""
        return ()


def create_faulty_app() -> Any:
    """Create the application with the faulty interviewer."""
    settings = Settings()
    configure_logs(settings)
    return create_app(settings, FaultyInterviewer())


if __name__ == "__main__":
    serve(create_faulty_app)
