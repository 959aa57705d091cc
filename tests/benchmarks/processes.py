"""Processor time and memory of a process and its descendants, from /proc."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def find_processes(pid: int) -> list[int]:
    """Return the process ids of a process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in find_processes(int(child)))]


def cpu_seconds(pid: int) -> float:
    """Return the processor time of the process and its descendants in seconds, in user and system mode."""
    return sum(_ticks(each) for each in find_processes(pid)) / _TICKS


def resident_bytes(pid: int) -> int:
    """Return the resident memory of the process and its descendants in bytes. Shared memory counts for each."""
    return sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in find_processes(pid)) * _PAGE


def machine_seconds() -> tuple[float, float]:
    """Return the busy and the total processor time of the machine in seconds."""
    ticks = [int(text) for text in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return (sum(ticks) - idle) / _TICKS, sum(ticks) / _TICKS


def _ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])
