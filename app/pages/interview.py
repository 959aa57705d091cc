"""The page of an interview, for the demo accounts."""

from app.domain.interview import Language
from app.identity import demo_accounts
from app.interviewer.guide import load_guide
from app.pages.rendering import rendered


def interview_page(*, heeds_stop: bool) -> str:
    """The page. What it says in each language is in static/texts.js; how long an interview is, in the guide.

    heeds_stop: whether one word always ends an interview, as with the guide; a model may ask on.
    """
    questions = len(load_guide(Language.EN).topics)
    return rendered(
        "interview.html", accounts=(demo_accounts.USER, demo_accounts.ADMIN), questions=questions, heeds_stop=heeds_stop
    )
