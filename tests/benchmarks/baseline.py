"""Compare results with the last ones that the repository keeps for the same kind of machine."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.estimates import Estimate

BASELINES = Path(__file__).parent / "baselines"

Ratios = Mapping[str, Mapping[str, Estimate]]
"""The ratios of each operation, by server."""


def baseline_path(machine: Mapping[str, object], folder: Path = BASELINES) -> Path:
    """Return the file for a machine: one for each processor, number of cores and minor version of Python."""
    version = ".".join(str(machine["python"]).split(".")[:2])
    name = f"{machine['processor']} {machine['cores']} cores Python {version}"
    return folder / f"{re.sub(r'[^a-z0-9.]+', '-', name.lower()).strip('-')}.json"


def write_baseline(path: Path, machine: Mapping[str, object], ratios: Ratios) -> None:
    """Keep the ratios of a run for the next comparison."""
    content = {
        "machine": machine,
        "ratios": {name: {server: asdict(each) for server, each in found.items()} for name, found in ratios.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compare_with_baseline(path: Path, ratios: Ratios) -> str:
    """Return what moved beyond the noise since the results in `path`, a line for each ratio."""
    if not path.exists():
        return f"No earlier results of this kind of machine. Keep these with --keep: {path.name}"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    lines = []
    for name, found in ratios.items():
        for server, now in found.items():
            figures = kept["ratios"].get(name, {}).get(server)
            before = Estimate(**figures) if figures else None
            if before is None:
                lines.append(f"{name} × {server}: {now}, not measured before")
            elif now.differs_from(before):
                lines.append(f"{name} × {server}: {now} instead of {before}")
    head = f"Compared with the results of {kept['machine']['date']}"
    return "\n".join([f"{head}, these ratios moved beyond the noise:", *lines]) if lines else f"{head}, nothing moved."
