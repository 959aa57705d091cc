"""The catalogue is valid, and a sample of it is killed. `tox run -e mutants` runs all of it."""

import asyncio

import pytest

from statuspin.contract.folder import Contract
from tests.mutants.catalogue import InvalidMutant, Mutant, read_catalogue, sample
from tests.mutants.running import MutantRunner
from tests.support.cluster import database_name, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import create_database_with_accounts

CONTRACT = Contract.read(CHECKOUT / "contracts/specs/current")
MUTANTS = read_catalogue()

MUTANT = {"name": "answer-43", "title": "The answer is 43", "operations": ["me"], "expects": "me · owner"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_applies_to_the_service(mutant, tmp_path):
    for file in {edit.file for edit in mutant.edits}:
        copy = tmp_path / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((CHECKOUT / file).read_bytes())

    for path, before in mutant.apply(tmp_path).items():
        after = path.read_text()
        assert after != before
        compile(after, str(path), "exec")


def test_titles_are_unique():
    assert len({mutant.title for mutant in MUTANTS}) == len(MUTANTS) >= 186


def test_operations_are_in_the_contract():
    assert {name for mutant in MUTANTS for name in mutant.operations} <= set(CONTRACT.document.operations)


def test_some_mutant_breaks_each_requirement():
    assert {mutant.requirement.partition(".")[0] for mutant in MUTANTS} >= {"1", "2", "3", "4", "5", "6", "7", "8"}


def test_edits_apply_in_order_and_return_the_previous_texts(tmp_path):
    (tmp_path / "a.py").write_text("ANSWER = 42\n")
    (tmp_path / "b.py").write_text("QUESTION = None\n")
    mutant = Mutant.model_validate(
        {
            **MUTANT,
            "edits": [
                {"file": "a.py", "replace": "42", "with": "43"},
                {"file": "b.py", "replace": "None", "with": "'?'"},
                {"file": "a.py", "replace": "43", "with": "44"},
            ],
        }
    )

    before = mutant.apply(tmp_path)

    assert before == {tmp_path / "a.py": "ANSWER = 42\n", tmp_path / "b.py": "QUESTION = None\n"}
    assert (tmp_path / "a.py").read_text() == "ANSWER = 44\n"
    assert (tmp_path / "b.py").read_text() == "QUESTION = '?'\n"


@pytest.mark.parametrize(("text", "occurrences"), [("ANSWER = 41", 0), ("ANSWER = 42; COPY = 42", 2)])
def test_invalid_if_the_text_does_not_occur_exactly_once(text, occurrences, tmp_path):
    (tmp_path / "a.py").write_text(text)
    mutant = Mutant.model_validate({**MUTANT, "file": "a.py", "replace": "42", "with": "43"})

    with pytest.raises(InvalidMutant) as caught:
        mutant.apply(tmp_path)

    expected = f"mutant answer-43: a.py: the text to replace occurs {occurrences} times instead of once:\n42"
    assert str(caught.value) == expected
    assert (tmp_path / "a.py").read_text() == text


def test_invalid_if_the_file_does_not_exist(tmp_path):
    mutant = Mutant.model_validate({**MUTANT, "file": "a.py", "replace": "42", "with": "43"})

    with pytest.raises(InvalidMutant, match=r"^mutant answer-43: a\.py: the file does not exist$"):
        mutant.apply(tmp_path)


ONE = """\
- name: answer-43
  title: The answer is 43
  operations: [me]
  expects: me · owner
  file: a.py
  replace: '42'
  with: '43'
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ONE + ONE, "the name answer-43 is used twice"),
        (ONE.replace("  with: '43'\n", ""), "edits.0.with\n  Field required"),
        (ONE + "  titel: x\n", "titel\n  Extra inputs are not permitted"),
        ("- name: [", "while parsing a flow node"),
    ],
)
def test_a_file_that_is_not_valid_is_named(text, message, tmp_path):
    (tmp_path / "me.yaml").write_text(text)

    with pytest.raises(InvalidMutant) as caught:
        read_catalogue(tmp_path)

    assert str(caught.value).startswith(f"{tmp_path / 'me.yaml'}: ")
    assert message in str(caught.value)


@pytest.fixture
async def template():
    url = await create_database_with_accounts()
    yield database_name(url)
    await drop_database(url)


async def test_a_sample_is_killed(template, tmp_path):
    runner = await asyncio.to_thread(MutantRunner, tmp_path / "copy", CONTRACT)
    results = [await runner.run(mutant, template, fuzzer=False) for mutant in sample(MUTANTS, 6)]

    assert [result.mutant.name for result in results if result.killer is None] == []
