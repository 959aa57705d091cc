"""python -m tests.judge [--write]: the scores of the guide and of models that follow a rule."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import click
from pydantic import SecretStr

from app.domain.interview import Language
from app.interviewer.llm.interviewer import LanguageModelInterviewer
from app.interviewer.protocol import Interviewer
from app.interviewer.scripted import ScriptedInterviewer
from app.settings import Settings
from tests.judge.interviews import find_scripts, hold_interview, judge_stops, read_script
from tests.judge.model_stub import Model, create_attentive_model, create_monotonous_model
from tests.judge.rubric import RUBRIC
from tests.support.model_server import KEY, MODEL, ModelServer

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "interview-quality.md"
BEGIN, END = "<!-- scores: begin -->", "<!-- scores: end -->"
COLUMNS = ("Interviewer", "Language", "Interviews", *RUBRIC, "Stops")

INTERVIEWERS = {"guide": None, "attentive model": create_attentive_model, "monotonous model": create_monotonous_model}


@asynccontextmanager
async def create_interviewer(model: Model | None) -> AsyncIterator[Interviewer]:
    """Yield the guide, or an interviewer that asks the model over HTTP."""
    if model is None:
        yield ScriptedInterviewer()
        return
    with ModelServer() as server:
        server.respond = model
        settings = Settings(interviewer="llm", llm_base_url=server.url, llm_model=MODEL, llm_api_key=SecretStr(KEY))
        interviewer = LanguageModelInterviewer(settings)
        yield interviewer
        await interviewer.aclose()


async def judge(name: str, language: Language) -> list[str]:
    """Return a row of the table."""
    create = INTERVIEWERS[name]
    async with create_interviewer(create(language) if create else None) as interviewer:
        transcripts = [await hold_interview(interviewer, *read_script(file)) for file in find_scripts(language)]
        stops = await judge_stops(interviewer, language)
    scores = [sum(map(score, transcripts)) / len(transcripts) for score in RUBRIC.values()]
    return [name, language, str(len(transcripts)), *(f"{round(100 * score)} %" for score in (*scores, stops))]


def render(rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


async def judge_all() -> str:
    """Return the table of all interviewers in all languages."""
    return render([await judge(name, language) for name in INTERVIEWERS for language in Language])


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--write", is_flag=True, help=f"Replace the table in docs/explanation/{PAGE.name}.")
def main(*, write: bool) -> None:
    """Score interviews by a rubric, and print the table."""
    table = asyncio.run(judge_all())
    click.echo(table, nl=False)
    if write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
