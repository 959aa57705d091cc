"""What an export for people says beside the conversation, in each language."""

from dataclasses import dataclass

from app.domain.interview import Language


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
