"""Plot results as SVG. matplotlib is imported only by the functions that draw."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

Series = Mapping[str, Sequence[tuple[float, float]]]
"""The points of each line by its name."""


def draw_bars(file: Path, title: str, groups: Sequence[str], bars: Mapping[str, Sequence[float | None]]) -> None:
    """Draw requests per second as bars on a logarithmic axis. A series of `bars` has a value or None per group."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(11, 4.5), layout="constrained")
    width = 0.8 / len(bars)
    for place, (name, values) in enumerate(bars.items()):
        shown = [(x + place * width, value) for x, value in enumerate(values) if value is not None]
        drawn = axes.bar([x for x, _ in shown], [value for _, value in shown], width, label=name)
        axes.bar_label(drawn, fmt="{:,.0f}", rotation=90, padding=3, fontsize=7)
    axes.set_xticks([x + 0.4 - width / 2 for x in range(len(groups))], groups)
    axes.set(title=title, ylabel="requests per second", yscale="log")
    axes.margins(y=0.15)
    axes.legend(ncols=len(bars), frameon=False)
    _save(figure, file)


def draw_lines(file: Path, title: str, panels: Mapping[str, Series]) -> None:
    """Draw milliseconds against size on logarithmic axes, with one panel per kind of size."""
    plt = _pyplot()
    figure, places = plt.subplots(1, len(panels), figsize=(6 * len(panels), 4.5), layout="constrained", squeeze=False)
    for axes, (grows, series) in zip(places[0], panels.items(), strict=True):
        for name, points in series.items():
            axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name)
        axes.set(xlabel=grows, ylabel="p50, milliseconds", xscale="log", yscale="log")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    figure.suptitle(title)
    _save(figure, file)


def _pyplot() -> Any:
    import matplotlib as mpl  # noqa: PLC0415 - importing takes half a second

    mpl.use("svg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "axes.spines.top": False})
    return plt


def _save(figure: Any, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    _pyplot().close(figure)
    click.echo(f"written: {file}")
