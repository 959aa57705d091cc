"""The catalogue is sound, and a sample of it is killed; `tox run -e mutants` tries all of it."""

import asyncio
import subprocess

import pytest

from statuspin.contract.folder import Contract
from tests.mutants.catalogue import catalogue, sample
from tests.mutants.running import Laboratory
from tests.support.cluster import drop_database, name_of
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import database_with_accounts

CONTRACT = Contract.read(CHECKOUT / "contracts/specs/current")
MUTANTS = catalogue()


def test_every_mutant_applies_to_the_service_as_it_is():
    for mutant in MUTANTS:
        command = ["git", "apply", "--check", str(mutant.patch)]
        applied = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
        assert applied.returncode == 0, f"{mutant.name}: {applied.stderr}"


def test_every_mutant_says_what_it_is_and_which_operations_it_touches():
    operations = set(CONTRACT.document.operations)

    assert len(MUTANTS) >= 60
    assert len({mutant.title for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert set(mutant.operations) <= operations, mutant.name


def test_the_eight_requirements_are_each_broken_by_some_mutant():
    broken = {mutant.requirement.partition(".")[0] for mutant in MUTANTS}

    assert broken >= {"1", "2", "3", "4", "5", "6", "8"}


@pytest.fixture
async def template():
    url = await database_with_accounts()
    yield name_of(url)
    await drop_database(url)


async def test_a_sample_is_killed(template, tmp_path):
    laboratory = await asyncio.to_thread(Laboratory, tmp_path / "copy", CONTRACT)
    fates = [await laboratory.fate(mutant, template, fuzzer=False) for mutant in sample(MUTANTS, 6)]

    assert [fate.mutant.name for fate in fates if fate.killer is None] == []
