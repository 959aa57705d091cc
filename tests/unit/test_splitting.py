"""Steps, processes and triggers in one answer, in each language."""

import pytest

from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.interviewer.library import shipped_library
from app.interviewer.protocol import Conversation, Turn
from app.outcome.assemble import get_assembler

Findings = tuple[list[str], list[str], list[str]]
"""The steps, the processes and the triggers."""

ORDERS = ["Orders", "Invoices"]
LINES = "1. {}\n2. {}\n3. {}"
READ = ("Read the mail", "Call the customer", "Write the report")
LEER = ("Leer el correo", "Llamar al taller", "Escribir el informe")
LER = ("Ler o e-mail", "Ligar para a loja", "Escrever o relatório")


def _find(language: Language, section: str, answer: str) -> Findings:
    """Return what the outcome has of the answer to the question of the section."""
    guide = shipped_library().find(DEFAULT_GUIDE)
    question = next(topic.question for topic in guide.texts(language).topics if topic.section == section)
    messages = (Turn(Role.ASSISTANT, question), Turn(Role.USER, answer))
    outcome = get_assembler(guide).assemble(Conversation(language, messages, ""))
    steps, processes, triggers = (
        [item.text for item in items] for items in (outcome.steps, outcome.processes, outcome.trigger)
    )
    assert not any(point.text.startswith("What sets it off") for point in outcome.open_points if triggers)
    return steps, processes, triggers


@pytest.mark.parametrize(
    ("language", "answer", "names"),
    [
        (Language.EN, "First orders, then invoices.", ORDERS),
        (Language.EN, "Orders first, then invoices", ORDERS),
        (
            Language.EN,
            "First the orders, then the invoices, finally the returns.",
            ["The orders", "The invoices", "The returns"],
        ),
        (Language.EN, "First orders and offers, then invoices", ["Orders", "Offers", "Invoices"]),
        (Language.ES, "Primero los pedidos, luego las facturas.", ["Los pedidos", "Las facturas"]),
        (Language.ES, "Primero pedidos, después facturas", ["Pedidos", "Facturas"]),
        (Language.PT, "Primeiro os pedidos, depois as faturas.", ["Os pedidos", "As faturas"]),
        (Language.PT, "Primeiro pedidos, depois faturas", ["Pedidos", "Faturas"]),
    ],
)
def test_names_in_order_are_processes_and_no_steps(language: Language, answer: str, names: list[str]) -> None:
    assert _find(language, "processes", answer) == ([], names, [])
    assert _find(language, "steps", answer)[0] == [answer.rstrip(".")]


@pytest.mark.parametrize(
    ("language", "answer", "steps"),
    [
        (Language.EN, "First check the order, then send the invoice.", ["Check the order", "Send the invoice"]),
        (Language.EN, "First scan, then print, then file.", ["Scan", "Print", "File"]),
        (Language.EN, "First the mail comes in, then I read it.", ["The mail comes in", "I read it"]),
        (Language.ES, "Primero revisamos, luego enviamos.", ["Revisamos", "Enviamos"]),
        (Language.ES, "Primero reviso el pedido, luego lo envío.", ["Reviso el pedido", "Lo envío"]),
        (Language.PT, "Primeiro conferimos, depois enviamos.", ["Conferimos", "Enviamos"]),
        (Language.PT, "Primeiro confiro o pedido, depois envio a fatura.", ["Confiro o pedido", "Envio a fatura"]),
    ],
)
def test_verbs_in_order_are_steps(language: Language, answer: str, steps: list[str]) -> None:
    assert _find(language, "steps", answer) == (steps, [], [])


@pytest.mark.parametrize(
    ("language", "answer", "trigger", "steps"),
    [
        (
            Language.EN,
            "When orders arrive: first I check them, then I pack.",
            "When orders arrive",
            ["I check them", "I pack"],
        ),
        (
            Language.EN,
            "When an order arrives, first I check it, then I pack.",
            "When an order arrives",
            ["I check it", "I pack"],
        ),
        (
            Language.EN,
            "As soon as I get it: I check it, sign it and file it.",
            "As soon as I get it",
            ["I check it", "Sign it", "File it"],
        ),
        (
            Language.EN,
            "It starts when mail arrives: first I read it, then I answer.",
            "It starts when mail arrives",
            ["I read it", "I answer"],
        ),
        (
            Language.ES,
            "Cuando llegan pedidos: primero los reviso, luego los envío.",
            "Cuando llegan pedidos",
            ["Los reviso", "Los envío"],
        ),
        (
            Language.ES,
            "En cuanto llega, primero lo reviso, luego lo envío.",
            "En cuanto llega",
            ["Lo reviso", "Lo envío"],
        ),
        (
            Language.PT,
            "Quando chegam pedidos: primeiro eu confiro, depois envio.",
            "Quando chegam pedidos",
            ["Eu confiro", "Envio"],
        ),
        (
            Language.PT,
            "Assim que chega, primeiro eu confiro, depois envio.",
            "Assim que chega",
            ["Eu confiro", "Envio"],
        ),
    ],
)
def test_what_sets_off_the_steps_is_the_trigger(
    language: Language, answer: str, trigger: str, steps: list[str]
) -> None:
    assert _find(language, "steps", answer) == (steps, [], [trigger])
    assert _find(language, "trigger", answer)[2] == [trigger]


@pytest.mark.parametrize(
    ("language", "answer", "steps"),
    [
        (Language.EN, "If the order is wrong, then I send it back.", ["If the order is wrong, then I send it back"]),
        (
            Language.EN,
            "First I check it, if it is wrong, then I send it back, finally I file it.",
            ["I check it", "If it is wrong, then I send it back", "I file it"],
        ),
        (Language.ES, "Si el pedido está mal, entonces lo devuelvo.", ["Si el pedido está mal, entonces lo devuelvo"]),
        (
            Language.PT,
            "Se o pedido estiver errado, então eu devolvo.",
            ["Se o pedido estiver errado, então eu devolvo"],
        ),
    ],
)
def test_a_condition_stays_with_its_step(language: Language, answer: str, steps: list[str]) -> None:
    assert _find(language, "steps", answer) == (steps, [], [])


@pytest.mark.parametrize("section", ["role", "processes"])
@pytest.mark.parametrize("separator", ["\n", " "])
@pytest.mark.parametrize("numbers", [LINES, LINES.replace(". ", ") ")])
@pytest.mark.parametrize(
    ("language", "head", "process", "steps"),
    [
        (Language.EN, "We handle complaints:", "Complaints", READ),
        (Language.ES, "Gestionamos reclamaciones:", "Reclamaciones", LEER),
        (Language.PT, "Cuidamos de reclamações:", "Reclamações", LER),
    ],
)
def test_numbers_after_the_name_of_a_process_are_its_steps(
    language: Language, head: str, process: str, steps: tuple[str, ...], numbers: str, separator: str, section: str
) -> None:
    answer = f"{head}\n{numbers.format(*steps)}".replace("\n", separator)

    assert _find(language, section, answer) == ([*steps], [process], [])


def test_a_line_before_the_steps_can_be_the_trigger() -> None:
    answer = "When it arrives:\n1. Check it\n2. Pack it"

    assert _find(Language.EN, "steps", answer) == (["Check it", "Pack it"], [], ["When it arrives"])


@pytest.mark.parametrize("section", ["exceptions", "pains", "systems"])
def test_a_condition_in_an_answer_on_another_topic_is_no_trigger(section: str) -> None:
    assert _find(Language.EN, section, "If the supplier is late: I call and look for another one.") == ([], [], [])


@pytest.mark.parametrize("answer", ["My steps:\n- Read it\n- File it", "Steps:\n1. Read it\n2. File it"])
def test_a_heading_is_no_step(answer: str) -> None:
    assert _find(Language.EN, "steps", answer) == (["Read it", "File it"], [], [])


def test_numbers_after_an_announcement_are_processes() -> None:
    answer = "I manage three things:\n1. purchase orders\n2. supplier invoices\n3. late deliveries"

    assert _find(Language.EN, "processes", answer) == (
        [],
        ["Purchase orders", "Supplier invoices", "Late deliveries"],
        [],
    )
