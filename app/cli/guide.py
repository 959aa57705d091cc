"""`python -m app guide`: check the guides of an organization, try one in the terminal, and print their JSON schema."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from app.cli.environment import read_settings
from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.export.outcome_documents import render_outcome_markdown
from app.interviewer.guide import InvalidGuide
from app.interviewer.guide_schema import guide_schema, language_schema
from app.interviewer.library import GuideLibrary, LoadedGuide, find_guide_folders, read_guide_folder
from app.interviewer.limits import QuestionLimits
from app.interviewer.protocol import Conversation, Turn
from app.interviewer.scripted import ScriptedInterviewer
from app.logs import supports_color
from app.outcome.assemble import get_assembler
from app.settings import Settings


@click.group()
def guide() -> None:
    """Check, try and describe guides: the questions of interviews as YAML files.

    GUIDE_DIR is a folder of an organization's own guides, each a folder with files such as en.yaml.

    \b
    Examples:
      python -m app guide check guides
      GUIDE_DIR=guides python -m app guide try en --guide onboarding
      python -m app guide schema > guide.schema.json
    """


@guide.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.pass_context
def check(context: click.Context, folder: Path | None) -> None:
    """Check the guides in FOLDER, by default GUIDE_DIR, or else the guides that come with the service.

    Prints one line per guide or fault, and exits with status 1 if there is a fault.
    """
    settings = read_settings()
    folder = folder or settings.guide_dir
    findings = list(_check_folder(folder, settings) if folder else _describe_shipped(settings))
    for passed, text in findings:
        mark = click.style("ok  ", fg="green") if passed else click.style("BAD ", fg="red")
        click.echo(f"{mark} {text}", color=supports_color(sys.stdout))
    context.exit(0 if all(passed for passed, _ in findings) else 1)


@guide.command(name="try")
@click.argument("language", type=click.Choice([str(language) for language in Language]))
@click.option("--guide", "name", default=DEFAULT_GUIDE, show_default=True, help="The name of the guide.")
@click.option("--name", "user_name", default="", help="The name of the person interviewed.")
def try_(language: str, name: str, user_name: str) -> None:
    """Hold an interview in the terminal, and print its outcome. Nothing is stored.

    After each answer, the kind that the guide takes it for is printed. On a terminal, the arrow keys bring earlier
    answers back. An empty line is no answer; the end of the input (Ctrl-D) ends the interview.
    """
    settings = read_settings()
    library = GuideLibrary(settings.guide_dir)
    if Language(language) not in library.languages.get(name, ()):
        offered = ", ".join(each.name for each in library if Language(language) in each.languages)
        raise click.BadParameter(f"no guide {name!r} in {language}; there are {offered}", param_hint="--guide")
    interviewer = ScriptedInterviewer(library, QuestionLimits(settings.min_questions, settings.max_questions))
    messages = asyncio.run(_hold_interview(interviewer, library.find(name), Language(language), user_name))
    texts = library.find(name).texts(Language(language))
    outcome = get_assembler(library.find(name)).assemble(Conversation(Language(language), messages, ""))
    click.echo(f"\n{render_outcome_markdown(outcome, texts)}", nl=False)


@guide.command()
@click.option("--language", "of_language", is_flag=True, help="Print the schema of the defaults of a language instead.")
def schema(of_language: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Print the JSON schema of guides, for editors.

    A file finds its schema by its first line: `# yaml-language-server: $schema=guide.schema.json`.
    """
    click.echo(json.dumps(language_schema() if of_language else guide_schema(), ensure_ascii=False, indent=1))


def _check_folder(folder: Path, settings: Settings) -> Iterator[tuple[bool, str]]:
    for each in find_guide_folders(folder):
        try:
            loaded = read_guide_folder(each)
        except InvalidGuide as error:
            yield from ((False, fault) for fault in error.faults)
        else:
            yield True, _describe(loaded, settings)


def _describe_shipped(settings: Settings) -> Iterator[tuple[bool, str]]:
    yield from ((True, _describe(each, settings)) for each in GuideLibrary())


def _describe(loaded: LoadedGuide, settings: Settings) -> str:
    topics = len(next(iter(loaded.languages.values())).topics)
    text = f"{loaded.name}: {topics} topics in {', '.join(loaded.languages)}"
    if topics >= settings.max_questions:
        text += f"; an interview ends before the last of them, because MAX_QUESTIONS is {settings.max_questions}"
    return text


async def _hold_interview(
    interviewer: ScriptedInterviewer, loaded: LoadedGuide, language: Language, user_name: str
) -> list[Turn]:
    """Return the messages of an interview in the terminal."""
    if sys.stdin.isatty():
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - gives `input` the history; not on every system
    color = supports_color(sys.stdout)
    messages: list[Turn] = []
    while True:
        reply = await interviewer.reply(Conversation(language, messages, user_name, loaded.name))
        messages.append(Turn(Role.ASSISTANT, reply.question))
        click.echo(click.style(f"\n{reply.question}", fg="cyan", bold=True), color=color)
        answer = "" if reply.is_final else _read_answer()
        if not answer:
            return messages
        messages.append(Turn(Role.USER, answer))
        kind = loaded.classifier.classify(answer, language).kind
        click.echo(click.style(f"({kind})", dim=True), color=color)


def _read_answer() -> str:
    """Return the next answer, or "" at the end of the input."""
    try:
        while not (answer := input("> ").strip()):
            pass
    except EOFError:
        click.echo()
        return ""
    return answer
