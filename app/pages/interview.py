"""Render the page on which people are interviewed and interviews are reviewed."""

from urllib.parse import urlsplit

from app.domain.interview import Language
from app.identity import demo_accounts
from app.interviewer.library import GuideLibrary
from app.pages.rendering import render
from app.settings import Settings

READY_ANSWERS: dict[Language, dict[str, str]] = {
    Language.ES: {"unknown": "No lo sé.", "skip": "Prefiero saltar esta pregunta."},
    Language.EN: {"unknown": "I don't know.", "skip": "Please skip this question."},
    Language.PT: {"unknown": "Não sei.", "skip": "Prefiro pular esta pergunta."},
}
"""The answers that buttons send: phrases of the guide for an unknown answer, and for one that the person declines."""


def render_interview(settings: Settings, guides: GuideLibrary, *, offers_demo: bool) -> str:
    """Return the page. guides: those to choose from. offers_demo: fill in the passwords of the demo accounts."""
    return render(
        "interview.html",
        accounts=(demo_accounts.USER, demo_accounts.ADMIN) if offers_demo else (),
        most=settings.max_questions - 1,  # The closing message counts as a question.
        uses_model=settings.interviewer == "llm",
        wait=round(settings.interviewer_timeout),
        ready_answers=READY_ANSWERS,
        guides=[
            {"name": each.name, "titles": {language: guide.title for language, guide in each.languages.items()}}
            for each in guides
        ],
        oidc=_describe_issuer(settings),
    )


def token_origins(settings: Settings) -> tuple[str, ...]:
    """Return the origins to which the page sends requests, in addition to its own: that of the external issuer."""
    if settings.oidc_client_id is None or settings.oidc_token_url is None:
        return ()
    url = urlsplit(settings.oidc_token_url)
    return (f"{url.scheme}://{url.netloc}",)


def _describe_issuer(settings: Settings) -> dict[str, str | None] | None:
    """Return what the page needs for a login at the external issuer, or None without one."""
    if settings.oidc_client_id is None:
        return None
    return {
        "authorization": settings.oidc_authorization_url,
        "token": settings.oidc_token_url,
        "client": settings.oidc_client_id,
        "scope": settings.oidc_scope,
        "resource": settings.oidc_resource,
    }
