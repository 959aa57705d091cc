"""What a long run is doing, for whoever waits for it."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class ProgressListener(Protocol):
    """Is told what is done."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Something begins; total: how many steps it has, where that is known."""
        ...

    def step(self, doing: str) -> None:
        """A step was done, or is being done."""
        ...


class NullProgress:
    """Watches nothing."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Nothing."""

    def step(self, doing: str) -> None:
        """Nothing."""


class ProgressBar:
    """A bar on a terminal's standard error; a line for each beginning elsewhere. `with`."""

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
        """Start the bar anew under another name."""
        self._progress.remove_task(self._task)  # a reset keeps the old total where the new one is not known
        self._task = self._progress.add_task(what, total=total, doing="")
        if not self._console.is_terminal:
            self._console.print(f"{what}{f': {total}' if total else ''} …", highlight=False)

    def step(self, doing: str) -> None:
        """Move it on."""
        self._progress.update(self._task, advance=1, doing=doing[:60])
