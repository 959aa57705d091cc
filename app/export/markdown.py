"""An export as Markdown (CommonMark): what is known of the interview, its questions as headings, its answers quoted."""

import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.interview import Language, Role
from app.export.conversation import messages
from app.use_cases.export_interview import Export

_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|~]")
_AT_THE_BEGINNING = re.compile(r"([#+=-])|(\d+)([.)])")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    interview: str
    question: str
    person: str
    organization: str
    date: str
    state: str
    complete: str
    incomplete: str
    number: str


WORDS = {
    Language.ES: Words(
        "Entrevista", "Pregunta", "Persona", "Organización", "Fecha", "Estado", "terminada", "sin terminar", "Número"
    ),
    Language.EN: Words(
        "Interview", "Question", "Person", "Organization", "Date", "State", "finished", "not finished", "Number"
    ),
    Language.PT: Words(
        "Entrevista", "Pergunta", "Pessoa", "Organização", "Data", "Estado", "concluída", "não concluída", "Número"
    ),
}


def markdown(export: Export) -> str:
    """The whole document, in the interview's language. Whatever people wrote is text in it, and no markup."""
    words = WORDS[Language(export.language)]
    parts = [f"# {words.interview}", _facts(export, words)]
    number = 0
    for message in messages(export):
        text = _text(message.content)
        if message.role is Role.USER:
            parts.append("\n".join(f"> {line}".rstrip() for line in text.split("\n")))
        else:
            number += 1
            parts.append(f"## {words.question} {number}\n\n{text}")
    return "\n\n".join(parts) + "\n"


def _facts(export: Export, words: Words) -> str:
    facts = export.facts
    started = datetime.fromisoformat(str(facts["interview_date"]))
    told = {
        words.person: facts["user_name"],
        words.organization: facts["organization"],
        words.date: f"{started:%Y-%m-%d %H:%M} UTC",
        words.state: words.complete if facts["is_complete"] else words.incomplete,
        words.number: facts["interview_id"],
    }
    return "\n".join(f"- **{name}:** {_one_line(str(value))}" for name, value in told.items())


def _one_line(value: str) -> str:
    return _text(" ".join(value.split())) or "—"


def _text(written: str) -> str:
    """Text that Markdown takes for nothing but text; what was a line stays one, and what was an empty line, too."""
    lines = [_escaped(line.strip()) for line in _LINE_END.split(written)]
    return "\n".join(
        f"{line}\\" if line and following else line for line, following in zip(lines, [*lines[1:], ""], strict=True)
    )


def _escaped(line: str) -> str:
    line = _ANYWHERE.sub(r"\\\g<0>", line)
    beginning = _AT_THE_BEGINNING.match(line)
    if beginning is None:
        return line
    sign = beginning.end() - 1
    return f"{line[:sign]}\\{line[sign:]}"
