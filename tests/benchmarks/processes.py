"""What a process and its children have used so far, as Linux counts it."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and its descendants, in user and system mode."""
    return sum(_ticks(each) for each in family(pid)) / _TICKS


def resident_bytes(pid: int) -> int:
    """Resident memory of the process and its descendants; what they share counts for each."""
    return sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in family(pid)) * _PAGE


def machine_seconds() -> tuple[float, float]:
    """Processor time of the whole machine so far: busy, and all together."""
    ticks = [int(text) for text in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return (sum(ticks) - idle) / _TICKS, sum(ticks) / _TICKS


def _ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])
