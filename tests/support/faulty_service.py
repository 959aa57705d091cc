"""A service whose interviewer fails in the way that INTERVIEWER_FAULT names; started like `python -m app serve`.

It begins interviews well unless FAULTY_FROM_THE_START is set.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

from app.application import create_app
from app.cli.environment import database_url
from app.interviewer.protocol import Conversation, InterviewerError, Reply
from app.interviewer.scripted import ScriptedInterviewer
from app.logs import configure_logs
from app.settings import Settings


class FaultyInterviewer(ScriptedInterviewer):
    """Begins an interview well, and then hangs, dies, answers rubbish, or is slow."""

    async def reply(self, conversation: Conversation) -> Reply:
        """The scripted reply, until the first answer."""
        reply = await super().reply(conversation)
        if not conversation.history and not os.environ.get("FAULTY_FROM_THE_START"):
            return reply
        return await getattr(self, os.environ["INTERVIEWER_FAULT"])(reply)

    async def hangs(self, reply: Reply) -> Reply:
        """Never answer."""
        await asyncio.Event().wait()
        return reply

    async def dies(self, reply: Reply) -> Reply:
        """Raise, quoting what nobody may see."""
        raise InterviewerError(f"secret: {reply.question}")

    async def rubbish(self, reply: Reply) -> Reply:
        """Answer what cannot be stored."""
        return Reply("\0", reply.is_final)

    async def slow(self, reply: Reply) -> Reply:
        """Answer after a third of a second."""
        await asyncio.sleep(0.3)
        return reply

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """Nothing."""
        return ()


def create_faulty_app() -> Any:
    """The application, with the faulty interviewer."""
    settings = Settings()
    configure_logs(settings)
    return create_app(settings, FaultyInterviewer())


if __name__ == "__main__":
    port = int(sys.argv[sys.argv.index("--port") + 1])
    listener = socket.create_server(("127.0.0.1", port))
    print(f"Interview System at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    config = uvicorn.Config(create_faulty_app, factory=True, log_config=None, loop="app.server:new_event_loop")
    with database_url(Settings()) as url:
        os.environ["DATABASE_URL"] = url
        uvicorn.Server(config).run(sockets=[listener])
