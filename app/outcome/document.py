"""The outcome document of an interview. Every item names the messages of the interviewee that it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One finding. text: as the interviewee said it. messages: sequence numbers of the messages, in order."""

    text: str
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a process. number: 1, 2, … in each process. process: its name if the interview is on several."""

    number: int
    text: str
    process: str | None
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OtherItem:
    """One finding on a topic of a guide that fills no section. topic: its name in the guide."""

    topic: str
    text: str
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UserStory:
    """A wish as a user story. messages: those that the story and its acceptance criteria come from."""

    text: str
    acceptance_criteria: tuple[str, ...]
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an interview. A guide fills the sections that its topics name.

    Open points that were not asked about come from no message.
    """

    role: tuple[Item, ...] = ()
    processes: tuple[Item, ...] = ()
    goals: tuple[Item, ...] = ()
    users: tuple[Item, ...] = ()
    features: tuple[Item, ...] = ()
    trigger: tuple[Item, ...] = ()
    steps: tuple[Step, ...] = ()
    inputs: tuple[Item, ...] = ()
    outputs: tuple[Item, ...] = ()
    systems: tuple[Item, ...] = ()
    people: tuple[Item, ...] = ()
    exceptions: tuple[Item, ...] = ()
    volumes: tuple[Item, ...] = ()
    constraints: tuple[Item, ...] = ()
    quality: tuple[Item, ...] = ()
    pains: tuple[Item, ...] = ()
    wishes: tuple[Item, ...] = ()
    other_topics: tuple[OtherItem, ...] = ()
    open_points: tuple[Item, ...] = ()
    user_stories: tuple[UserStory, ...] = ()
