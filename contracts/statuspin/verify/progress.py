"""The progress of a run, on a terminal or in a log."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class ProgressListener(Protocol):
    """Receives the progress of a run."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Begin a phase. what: its name. total: the number of its steps, or None if unknown."""
        ...

    def step(self, doing: str) -> None:
        """Count a step. doing: its description."""
        ...


class NullProgress:
    """Ignore the progress."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Do nothing."""

    def step(self, doing: str) -> None:
        """Do nothing."""


class ProgressBar:
    """A progress bar on standard error, or a line for each phase if that is not a terminal. A context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description:<22}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
        doing = TextColumn("[dim]{task.fields[doing]}", table_column=None)
        self._progress = Progress(
            *columns, doing, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        self._task = self._progress.add_task("starting", total=None, doing="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, what: str, total: int | None = None) -> None:
        """Restart the bar with another name."""
        self._progress.remove_task(self._task)  # a reset would keep the old total if the new one is unknown
        self._task = self._progress.add_task(what, total=total, doing="")
        if not self._console.is_terminal:
            self._console.print(f"{what}{f': {total}' if total else ''} …", highlight=False)

    def step(self, doing: str) -> None:
        """Advance the bar by one step."""
        self._progress.update(self._task, advance=1, doing=doing[:60])
