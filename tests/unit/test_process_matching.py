"""Known processes are found in answers with other endings, typos and another order of their words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rapidfuzz", reason="needs rapidfuzz: pip install -e .")

from app.context.document import OrganizationContext
from app.context.known import recognize
from app.context.references import merge_references
from app.context.source import ProcessMatch

NAMES = (
    "Purchase order approval",
    "Purchase orders",
    "Orders",
    "Employee onboarding",
    "HR reporting",
    "Gestión de reclamaciones",
    "Facturación mensual",
    "Folha de pagamento",
    "Order to cash",
    "ISO 9001 audit",
)
KNOWN = recognize(OrganizationContext.model_validate({"processes": NAMES})).matcher


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("I approve purchase orders.", ["Purchase order approval"]),
        ("The approval of a purchase order takes a day.", ["Purchase order approval"]),
        ("purchase order approvall", ["Purchase order approval"]),
        ("Mostly PURCHASE-ORDERS, and lunch", ["Purchase orders"]),
        ("I take orders by phone.", ["Orders"]),
        ("The on boarding of each employee", ["Employee onboarding"]),
        ("I do the HR reports. Then employee onboardings.", ["Employee onboarding", "HR reporting"]),
        ("Llevo la gestion de las reclamaciones", ["Gestión de reclamaciones"]),
        ("Hago las facturas mensuales y la facturación mensual", ["Facturación mensual"]),
        ("Cuido da folha de pagamentos", ["Folha de pagamento"]),
        ("order-to-cash", ["Order to cash"]),
        ("We prepare the audit for ISO 9001", ["ISO 9001 audit"]),
        ("We prepare the audit for ISO 9002", []),
        ("I purchase flowers for the office. Then I take a walk.", []),
        ("My border collie", []),
        ("I report to the head of the department", []),
        ("purchase of paper, then lunch, then a long meeting about holidays, and somebody gives an order", ["Orders"]),
        ("", []),
        ("?!", []),
    ],
)
def test_an_answer_names_a_process(answer: str, names: list[str]) -> None:
    assert sorted(match.name for match in KNOWN.find(answer)) == names


def test_a_match_has_the_id_the_name_and_the_confidence_of_the_process() -> None:
    context = {"processes": [{"id": 7, "name": "Onboarding", "aliases": ["new employees"]}]}
    matcher = recognize(OrganizationContext.model_validate(context)).matcher

    assert matcher.find("The onboarding") == [ProcessMatch("7", "Onboarding", 1.0)]
    assert matcher.find("I greet new employees") == [ProcessMatch("7", "Onboarding", 1.0)]
    (similar,) = matcher.find("The onbaording")
    assert 0.9 <= similar.confidence < 1


@given(st.text(max_size=200))
def test_any_text_is_compared(text: str) -> None:
    assert all(0 < match.confidence <= 1 for match in KNOWN.find(text))


def test_a_process_is_referenced_once_with_its_highest_confidence() -> None:
    stored = merge_references("[]", [ProcessMatch("a", "A", 0.95), ProcessMatch("b", "B", 1.0)])

    merged = json.loads(merge_references(stored, [ProcessMatch("a", "A", 1.0), ProcessMatch("b", "B", 0.9)]))

    assert merged == [
        {"process_id": "a", "name": "A", "confidence": 1.0},
        {"process_id": "b", "name": "B", "confidence": 1.0},
    ]
