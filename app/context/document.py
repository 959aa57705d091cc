"""The context of an organization as YAML or JSON: its known processes, roles and systems."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

MAX_PROCESSES = 2000

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


def _name_to_process(value: Any) -> Any:
    """Accept a name in place of a process: it is then its id, too."""
    return {"process_id": value, "name": value} if isinstance(value, str) else value


class KnownProcess(_Part):
    """One process. aliases: other names that people use for it."""

    process_id: Name = Field(validation_alias=AliasChoices("process_id", "id"))
    name: Name
    aliases: tuple[Name, ...] = Field((), max_length=20)


class OrganizationContext(_Part):
    """The processes, roles and systems of one organization."""

    processes: tuple[Annotated[KnownProcess, BeforeValidator(_name_to_process)], ...] = Field(
        (), max_length=MAX_PROCESSES
    )
    roles: tuple[Name, ...] = Field((), max_length=MAX_PROCESSES)
    systems: tuple[Name, ...] = Field((), max_length=MAX_PROCESSES)


class ContextDocument(OrganizationContext):
    """A file: what is known of every organization, except for those that have an entry in `organizations`."""

    organizations: dict[UUID, OrganizationContext] = Field(default_factory=dict)
