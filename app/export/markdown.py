"""Render an export as Markdown (CommonMark): facts, outcome, questions as headings and answers as quotes."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.interview import Language, Role
from app.export.escaping import escape_text
from app.export.messages import parse_messages
from app.export.outcome_documents import render_outcome_markdown
from app.interviewer.guide_model import Guide
from app.outcome.document import Outcome
from app.use_cases.export_interview import Export


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a document in one language."""

    interview: str
    question: str
    person: str
    organization: str
    date: str
    state: str
    complete: str
    incomplete: str
    number: str


LABELS = {
    Language.ES: Labels(
        "Entrevista", "Pregunta", "Persona", "Organización", "Fecha", "Estado", "terminada", "sin terminar", "Número"
    ),
    Language.EN: Labels(
        "Interview", "Question", "Person", "Organization", "Date", "State", "finished", "not finished", "Number"
    ),
    Language.PT: Labels(
        "Entrevista", "Pergunta", "Pessoa", "Organização", "Data", "Estado", "concluída", "não concluída", "Número"
    ),
}


def render_markdown(export: Export, outcome: Outcome, guide: Guide) -> str:
    """Return the document in the interview's language. Markup in messages and names is escaped."""
    labels = LABELS[Language(export.language)]
    findings = render_outcome_markdown(outcome, guide, heading="##")
    parts = [f"# {labels.interview}", _facts(export, labels), findings.rstrip()]
    number = 0
    for message in parse_messages(export):
        text = escape_text(message.content)
        if message.role is Role.USER:
            parts.append("\n".join(f"> {line}".rstrip() for line in text.split("\n")))
        else:
            number += 1
            parts.append(f"## {labels.question} {number}\n\n{text}")
    return "\n\n".join(parts) + "\n"


def _facts(export: Export, labels: Labels) -> str:
    facts = export.facts
    started = datetime.fromisoformat(str(facts["interview_date"]))
    entries = {
        labels.person: facts["user_name"],
        labels.organization: facts["organization"],
        labels.date: f"{started:%Y-%m-%d %H:%M} UTC",
        labels.state: labels.complete if facts["is_complete"] else labels.incomplete,
        labels.number: facts["interview_id"],
    }
    return "\n".join(f"- **{name}:** {_one_line(str(value))}" for name, value in entries.items())


def _one_line(value: str) -> str:
    return escape_text(" ".join(value.split())) or "—"
