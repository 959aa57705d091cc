"""The guides that an interview can follow: those that come with the service, and those in GUIDE_DIR.

A guide is a folder with a file for each of its languages, such as `onboarding/en.yaml`. The name of the folder is the
name of the guide. A guide in GUIDE_DIR takes the place of one with the same name that comes with the service.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog

from app.domain.interview import DEFAULT_GUIDE, SHIPPED_GUIDES, Language, TechnicalLevel
from app.interviewer.answers import AnswerClassifier, load_classifier
from app.interviewer.coverage import Coverage
from app.interviewer.guide import SHIPPED, InvalidGuide, load_phrases, read_guide
from app.interviewer.guide_model import Guide
from app.interviewer.mentions import Mentions
from app.interviewer.phrases import count_words

log = structlog.get_logger(__name__)

_FILES = {f"{language}.yaml": language for language in Language}
"""The files of a guide."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, eq=False, slots=True)
class LoadedGuide:
    """One guide in all of its languages, with what recognizes the answers to it."""

    name: str
    languages: Mapping[Language, Guide]
    classifier: AnswerClassifier
    mentions: Mentions
    coverage: Coverage

    def texts(self, language: Language) -> Guide:
        """Return the guide in the language, or in its first one if the interview has changed to one that it lacks."""
        return self.languages.get(language) or next(iter(self.languages.values()))

    def judge_technical_level(self, answers: Iterable[str], language: Language) -> TechnicalLevel | None:
        """Return how technical the answers are together, or None if they have too few words for the guide's rule."""
        rule = self.texts(language).technical_level
        answers = list(answers)
        if sum(map(count_words, answers)) < rule.min_words:
            return None
        terms = frozenset().union(*map(self.mentions.find_technical_terms, answers))
        if len(terms) >= rule.advanced:
            return TechnicalLevel.ADVANCED
        return TechnicalLevel.INTERMEDIATE if len(terms) >= rule.intermediate else TechnicalLevel.BASIC


class GuideLibrary:
    """The guides by name."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load all guides. folder: of the guides of an organization. Raises InvalidGuide."""
        self._guides = dict(_shipped_guides())
        for each in find_guide_folders(folder) if folder else ():
            self._guides[each.name] = read_guide_folder(each)
        self.languages = {name: frozenset(guide.languages) for name, guide in self._guides.items()}

    def find(self, name: str) -> LoadedGuide:
        """Return the guide, or the default one if the guide of a stored interview is gone from GUIDE_DIR."""
        guide = self._guides.get(name)
        if guide is None:
            log.warning("guide_missing", guide=name)
        return guide or self._guides[DEFAULT_GUIDE]

    def __iter__(self) -> Iterator[LoadedGuide]:
        return iter(self._guides.values())


@cache
def shipped_library() -> GuideLibrary:
    """Return the guides that come with the service. Raises InvalidGuide."""
    return GuideLibrary()


def find_guide_folders(folder: Path) -> list[Path]:
    """Return the folders of the guides in a folder. Raises InvalidGuide if there is no guide."""
    try:
        folders = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        raise InvalidGuide(f"{folder}: {error.strerror or error}") from error
    if not folders:
        raise InvalidGuide(f"{folder}: no guide; a guide is a folder with files such as en.yaml")
    return folders


def read_guide_folder(folder: Path) -> LoadedGuide:
    """Return the guide in the folder. Raises InvalidGuide."""
    if not _NAME.fullmatch(folder.name):
        raise InvalidGuide(f"{folder}: the name of a guide should have 1 to 63 of a-z, 0-9 and -, and not begin with -")
    faults = [
        f"{folder.name}/{file.name}: the file should be one of {', '.join(_FILES)}"
        for file in sorted(folder.glob("*.y*ml"))
        if file.name not in _FILES
    ]
    texts: dict[Language, Guide] = {}
    for file in (folder / name for name in _FILES if (folder / name).exists()):
        try:
            language = _FILES[file.name]
            texts[language] = read_guide(_read_text(file), f"{folder.name}/{file.name}", language)
        except InvalidGuide as error:
            faults += error.faults
    if not texts and not faults:
        faults = [f"{folder.name}: a guide needs at least one of {', '.join(_FILES)}"]
    if faults:
        raise InvalidGuide(*faults)
    return _load(folder.name, texts)


@cache
def _shipped_guides() -> dict[str, LoadedGuide]:
    guides = {}
    for name in SHIPPED_GUIDES:
        texts = {
            language: read_guide(
                SHIPPED.joinpath(name, f"{language}.yaml").read_text(encoding="utf-8"),
                f"{name}/{language}.yaml",
                language,
            )
            for language in Language
        }
        guides[name] = _load(name, texts)
    return guides


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the file is not UTF-8"
        raise InvalidGuide(f"{file.parent.name}/{file.name}: {reason}") from error


def _load(name: str, texts: Mapping[Language, Guide]) -> LoadedGuide:
    first, *others = texts.values()
    for other in others:
        for one, another in zip(first.topics, other.topics, strict=False):
            if (one.name, one.section) != (another.name, another.section):
                raise InvalidGuide(
                    f"{name}/{other.language}.yaml, topics: `{another.name}` is where {first.language}.yaml has"
                    f" `{one.name}`, or has another section; all languages should have the same topics in one order"
                )
        if len(first.topics) != len(other.topics) or first.further_process != other.further_process:
            raise InvalidGuide(
                f"{name}/{other.language}.yaml, topics: there should be as many as in {first.language}.yaml,"
                " with the same further_process"
            )
    mentions = Mentions(texts.values())
    return LoadedGuide(name, texts, _classifier(texts), mentions, Coverage(mentions, texts.values()))


def _classifier(texts: Mapping[Language, Guide]) -> AnswerClassifier:
    """Return the classifier of the languages, or one of its own if the guide adds phrases."""
    if all(guide.answers is load_phrases(language) for language, guide in texts.items()):
        return load_classifier()
    return AnswerClassifier(
        {language: texts[language].answers if language in texts else load_phrases(language) for language in Language}
    )
