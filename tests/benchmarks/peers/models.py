"""The tables as SQLAlchemy 2 maps them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The base class of all tables."""

    type_annotation_map = {datetime: DateTime(timezone=True), list[str]: ARRAY(String(255))}  # noqa: RUF012


class Interview(Base):
    """One interview."""

    __tablename__ = "interview"

    id_interview: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    user_name: Mapped[str]
    organization_name: Mapped[str]
    roles: Mapped[list[str]]
    language: Mapped[str]
    technical_level: Mapped[str] = mapped_column(default="unknown")
    status: Mapped[str] = mapped_column(default="in_progress")
    total_messages: Mapped[int]
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    messages: Mapped[list["Message"]] = relationship(order_by="Message.sequence_number", lazy="raise")


class Message(Base):
    """One message."""

    __tablename__ = "interview_message"

    id_message: Mapped[UUID] = mapped_column(primary_key=True)
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interview.id_interview"))
    role: Mapped[str]
    content: Mapped[str]
    sequence_number: Mapped[int]
    created_at: Mapped[datetime]
