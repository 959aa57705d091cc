"""Every code block in README, CONTRIBUTING and docs/ runs, or says why not."""

import asyncio
import configparser
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.docs.blocks import NOT_RUN, OUTPUT, PAGES, RUN, RUNNABLE, SERVER, TESTED_IN, Block, blocks_of, runnable
from tests.docs.session import PageSession
from tests.support.cluster import create_empty_database, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import create_database_with_accounts

PARSERS: dict[str, Callable[[str], object]] = {
    "yaml": yaml.safe_load,
    "json": json.loads,
    "toml": tomllib.loads,
    "ini": lambda text: configparser.ConfigParser().read_string(text),
}
BLOCKS = [block for page in PAGES for block in blocks_of(page)]
RUN_PAGES = [page for page in PAGES if runnable(page)]


def _name(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


@pytest.mark.parametrize("page", RUN_PAGES, ids=_name)
async def test_the_blocks_of_a_page_run_in_order(page: Path, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl in the path; Debian: apt-get install curl")
    database, restored = await create_database_with_accounts(), await create_empty_database()

    session = PageSession(tmp_path, DATABASE_URL=database, RESTORE_URL=restored, DEMO_ACCOUNTS="true")
    await asyncio.to_thread(session.run, runnable(page))

    await drop_database(database)
    await drop_database(restored)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in PARSERS], ids=lambda it: it.place)
def test_data_in_a_block_is_well_formed(block: Block) -> None:
    if block.mode == RUN:
        PARSERS[block.language](block.text)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.mode == TESTED_IN], ids=lambda it: it.place)
def test_the_test_that_runs_a_block_instead_exists(block: Block) -> None:
    assert (CHECKOUT / block.detail).is_file()


def test_only_commands_are_excused_from_running_and_only_output_follows_a_command() -> None:
    for before, block in zip([None, *BLOCKS], BLOCKS, strict=False):
        if block.mode in (SERVER, NOT_RUN, TESTED_IN):
            assert block.language in RUNNABLE, block.place
        if block.mode == OUTPUT:
            assert before is not None, block.place
            assert before.mode in (RUN, SERVER), block.place
            assert before.language in RUNNABLE, block.place
