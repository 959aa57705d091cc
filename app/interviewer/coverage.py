"""Find the topics that an answer says something on."""

from collections.abc import Collection, Sequence

from app.interviewer.descriptions import Description, Descriptions
from app.interviewer.guide_model import Guide
from app.interviewer.mentions import Mentions
from app.interviewer.step_markers import StepMarkers


class Coverage:
    """The topics of the answers to one guide, for its next question and for the outcome, so that both agree."""

    def __init__(self, mentions: Mentions, guides: Collection[Guide]) -> None:
        """guides: one guide in its languages, which have the same topics."""
        guide = next(iter(guides))
        self._mentions = mentions
        self._descriptions = Descriptions(guides)
        self._role = guide.find_topics("role")
        self._describing = guide.find_topics("role", "processes")
        self._processes = guide.find_topics("processes")
        self._trigger = guide.find_topics("trigger")
        self._markers = [StepMarkers(each) for each in guides]
        self._steps, self._systems = guide.find_topics("steps"), guide.find_topics("systems")

    def find_description(self, sentences: Sequence[str], asked: str) -> Description | None:
        """Return the process that the sentences describe, or None.

        asked: the topic that the question was on. The answers on the role and on the process name one; other answers
        are about a process that is known already.
        """
        return self._descriptions.find(tuple(sentences)) if asked in self._describing else None

    def describes_only_a_process(self, sentences: Sequence[str], asked: str) -> bool:
        """Return whether the question was on the role and the answer describes a process and no role."""
        description = self.find_description(sentences, asked) if asked in self._role else None
        return description is not None and not description.rest

    def names_process(self, sentences: Sequence[str], asked: str) -> bool:
        """Return whether the sentences name the process that they describe: their lists are its steps."""
        description = self.find_description(sentences, asked)
        return description is not None and bool(description.process)

    def find_triggers(self, sentences: Sequence[str], asked: str) -> list[str]:
        """Return what sets off the steps in the sentences, if the question was on the steps or on the process."""
        if asked not in self._steps | self._describing:
            return []
        found = []
        for markers in self._markers:
            for trigger, steps in map(markers.split_trigger, sentences):
                if trigger and trigger not in found and (asked in self._steps or markers.find(steps)):
                    found.append(trigger)
        return found

    def find_covered(self, sentences: Sequence[str], asked: str) -> frozenset[str]:
        """Return the names of the topics that the sentences cover, so that they need no question."""
        covered = self._mentions.find_covered(" ".join(sentences))
        if self.find_triggers(sentences, asked):
            covered |= self._trigger
        return covered | self._processes if self.names_process(sentences, asked) else covered

    def find_mentioned(self, sentences: Sequence[str], asked: str) -> frozenset[str]:
        """Return the names of all topics that the sentences say something on."""
        if not sentences:
            return frozenset()
        mentioned = self.find_covered(sentences, asked)
        if asked and not self.describes_only_a_process(sentences, asked):
            mentioned |= {asked}
        if self.find_description(sentences, asked):
            mentioned |= self._steps
        if any(map(self._mentions.find_systems, sentences)):
            mentioned |= self._systems
        return mentioned
