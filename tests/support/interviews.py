"""Create interviews through the tables, and fetch their rows."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tables.interview_message import InterviewMessage
from tests.support.actors import Actor


async def create_interview(
    database: UnitOfWork,
    owner: Actor,
    *,
    status: str = "in_progress",
    language: str = "es",
    messages: int = 1,
    started_at: datetime | None = None,
    content: str = "message {number}",
) -> UUID:
    """Create an interview of `owner` with `messages` messages and return its id."""
    moment = started_at or datetime.now(UTC)
    interview = Interview(
        id_interview=uuid7(),
        employee_id=owner.employee_id,
        organization_id=owner.organization_id,
        user_name=owner.name,
        organization_name=owner.organization_name,
        roles=[owner.role],
        language=language,
        status=status,
        total_messages=messages,
        started_at=moment,
        completed_at=moment if status == "completed" else None,
        created_at=moment,
        updated_at=moment,
    )
    rows = [
        InterviewMessage(
            id_message=uuid7(),
            interview_id=interview.id_interview,
            role="assistant" if number % 2 else "user",
            content=content.format(number=number),
            sequence_number=number,
            created_at=moment,
        )
        for number in range(1, messages + 1)
    ]

    async def store() -> None:
        await Interview.insert(interview)
        if rows:
            await InterviewMessage.insert(*rows)

    await database.write(store)
    interview_id: UUID = interview.id_interview
    return interview_id


async def fetch_interview(database: UnitOfWork, interview_id: UUID) -> dict[str, object]:
    """Return the row of an interview."""

    async def read() -> dict[str, object]:
        row = await Interview.select().where(Interview.id_interview == interview_id).first()
        assert row is not None
        return row

    return await database.read(read)


async def fetch_messages(database: UnitOfWork, interview_id: UUID) -> list[dict[str, object]]:
    """Return the rows of an interview's messages in order."""

    async def read() -> list[dict[str, object]]:
        return (
            await InterviewMessage.select()
            .where(InterviewMessage.interview_id == interview_id)
            .order_by(InterviewMessage.sequence_number)
        )

    return await database.read(read)
