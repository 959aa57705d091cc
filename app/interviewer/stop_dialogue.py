"""End an interview on request, before another interviewer is asked: one that is a language model may not notice."""

from app.domain.interview import Language, Role
from app.interviewer.answers import load_classifier
from app.interviewer.guide import load_guide
from app.interviewer.protocol import Conversation, Reply
from app.interviewer.wishes import Wish


class StopDialogue:
    """Replies to a wish to stop, and asks back once if it is uncertain."""

    def __init__(self) -> None:
        """Load all guides. Raises InvalidGuide."""
        self._classifier = load_classifier()
        self._guides = {language: load_guide(language) for language in Language}
        self._confirmations = {guide.reactions.confirm_stop for guide in self._guides.values()}

    def reply(self, conversation: Conversation) -> Reply | None:
        """Return the closing message or the question `Shall we stop here?`, or None if the interview goes on."""
        *earlier, answer = conversation.history or (None,)
        if answer is None or answer.role is not Role.USER:
            return None
        guide = self._guides[conversation.language]
        was_asked = bool(earlier and earlier[-1] and earlier[-1].content in self._confirmations)
        wish = self._classifier.find_wish(answer.content)
        if wish is Wish.STOP or (was_asked and self._classifier.agrees(answer.content)):
            return Reply(guide.closing.stopped, is_final=True)
        if wish is Wish.UNSURE and not was_asked:
            return Reply(guide.reactions.confirm_stop)
        return None
