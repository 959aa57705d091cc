"""End an interview on request, before another interviewer is asked: one that is a language model may not notice."""

from app.domain.interview import Role
from app.interviewer.library import GuideLibrary
from app.interviewer.protocol import Conversation, Reply
from app.interviewer.wishes import Wish


class StopDialogue:
    """Replies to a wish to stop, and asks back once if it is uncertain."""

    def __init__(self, library: GuideLibrary) -> None:
        """library: the guides, whose texts are the replies."""
        self._library = library

    def reply(self, conversation: Conversation) -> Reply | None:
        """Return the closing message or the question `Shall we stop here?`, or None if the interview goes on."""
        *earlier, answer = conversation.history or (None,)
        if answer is None or answer.role is not Role.USER:
            return None
        loaded = self._library.find(conversation.guide)
        guide = loaded.texts(conversation.language)
        confirmations = {each.reactions.confirm_stop for each in loaded.languages.values()}
        was_asked = bool(earlier and earlier[-1] and earlier[-1].content in confirmations)
        wish = loaded.classifier.find_wish(answer.content)
        if wish is Wish.STOP or (was_asked and loaded.classifier.agrees(answer.content)):
            return Reply(guide.closing.stopped, is_final=True, is_stopped=True)
        if wish is Wish.UNSURE and not was_asked:
            return Reply(guide.reactions.confirm_stop)
        return None
