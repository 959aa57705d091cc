"""Merge the records of shards into the record of one run."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from typing import Any

from statuspin.coverage.statuses import State
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Location, Severity
from statuspin.verify.acceptance import UNUSED_RULES
from statuspin.verify.record import record_finding

_STATES = (
    State.UNDOCUMENTED.value, State.BROKEN.value, State.OBSERVED.value, State.SKIPPED.value, State.UNOBSERVED.value,
    State.NEVER.value,
)  # fmt: skip
"""States of cells by precedence. If shards disagree, the merged cell has the state that comes first."""
_SHOWN = 5
Judge = Callable[[list[Finding]], list[Finding]]


def merge_records(records: Sequence[dict[str, Any]], judge: Judge = list) -> dict[str, Any]:
    """Return one record for all shards of a run. It adds findings for promised statuses that no shard observed.

    judge: takes these findings and returns them, with accepted ones as notes.
    Raises CannotRun if a shard is missing or given twice, if shards belong to different contracts, or if a record is
    incomplete.
    """
    try:
        _ensure_complete(records)
        offsets = [0, *accumulate(len(record["exchanges"]) for record in records)]
        shifted = [_shift_exchanges(record, offset) for record, offset in zip(records, offsets, strict=False)]
        return _merge(shifted, judge)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise CannotRun(f"the record of a shard is incomplete: {' '.join(str(error).split())[:120]}") from None


def _ensure_complete(records: Sequence[dict[str, Any]]) -> None:
    shards = [record["shard"] for record in records]
    if not all(shards):
        raise CannotRun("a record comes from a run without --shard; merge the records of `verify --shard` only")
    if len({(str(record["contract"]), shard["total"]) for record, shard in zip(records, shards, strict=True)}) > 1:
        raise CannotRun("the shards differ in their contract or in their number of shards; merge the shards of one run")
    numbers, total = [shard["number"] for shard in shards], shards[0]["total"]
    if missing := [f"{number}/{total}" for number in range(1, total + 1) if number not in numbers]:
        raise CannotRun(f"missing shards: {', '.join(missing[:_SHOWN])}; pass the records of all shards")
    if len(numbers) > total:
        raise CannotRun("a shard is given twice; pass the record of each shard once")


def _shift_exchanges(record: dict[str, Any], offset: int) -> dict[str, Any]:
    """Return a record in which the numbers of exchanges start at `offset`."""

    def number(old: int | None) -> int | None:
        return None if old is None else old + offset

    fuzzer = record["fuzzer"]
    return record | {
        "cells": [cell | {"exchanges": [each + offset for each in cell["exchanges"]]} for cell in record["cells"]],
        "pins": [
            pin | {"exchanges": [each + offset for each in pin["exchanges"]], "request": number(pin["request"])}
            for pin in record["pins"]
        ],
        "fuzzer": fuzzer and fuzzer | {
            "complaints": [each | {"exchange": number(each["exchange"])} for each in fuzzer["complaints"]]
        },
    }  # fmt: skip


def _merge(records: list[dict[str, Any]], judge: Judge) -> dict[str, Any]:
    first = records[0]
    cells = _cells(records)
    criteria = [_criterion(parts) for parts in zip(*(record["criteria"] for record in records), strict=True)]
    unmet = [each["level"] for each in criteria if each["missing"]]
    merged = first | {
        "finished": max(record["finished"] for record in records),
        "seconds": max(record["seconds"] for record in records),
        "requests": sum(record["requests"] for record in records),
        "resends": {name: sum(record["resends"][name] for record in records) for name in first["resends"]},
        "unfinished": [each for record in records for each in record["unfinished"]],
        "transcript": "",
        "whole": all(record["shard"]["whole"] for record in records),
        "shard": None,
        "operations": _unique(records, "operations", lambda each: each["id"]),
        "cells": cells,
        "pins": [pin for record in records for pin in record["pins"]],
        "criteria": criteria,
        "level": min(unmet) - 1 if unmet else 7,
        "fuzzer": _fuzzer([record["fuzzer"] for record in records if record["fuzzer"]]),
        "exchanges": [each for record in records for each in record["exchanges"]],
    }
    findings = _unique(
        records, "findings", lambda each: (each["rule"], each["operation"], each["place"], each["message"])
    )
    own = [each for each in judge([*_unobserved(merged), *_level(merged)]) if each.rule not in UNUSED_RULES]
    merged["findings"] = sorted(
        [*findings, *(record_finding(each, Location(first["contract"]["file"])) for each in own)],
        key=lambda each: ("error", "warning", "note").index(each["severity"]),
    )
    return merged


def _cells(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in (cell for record in records for cell in record["cells"]):
        known = found.setdefault((cell["operation"], cell["status"]), cell | {"count": 0, "exchanges": []})
        known["count"] += cell["count"]
        known["exchanges"] = [*known["exchanges"], *cell["exchanges"]][:_SHOWN]
        known["state"] = min(known["state"], cell["state"], key=_STATES.index)
    return list(found.values())


def _criterion(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    missing = set.intersection(*(set(part["missing"]) for part in parts))
    return parts[0] | {"covered": parts[0]["wanted"] - len(missing), "missing": sorted(missing)}


def _fuzzer(parts: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not parts:
        return None
    return parts[0] | {
        "cases": sum(part["cases"] for part in parts),
        "checks": sorted(set(chain.from_iterable(part["checks"] for part in parts))),
        "errors": list(dict.fromkeys(chain.from_iterable(part["errors"] for part in parts))),
        "operations": [each for part in parts for each in part["operations"]],
        "complaints": [each for part in parts for each in part["complaints"]],
    }


def _unique(
    records: Iterable[dict[str, Any]], name: str, key: Callable[[dict[str, Any]], object]
) -> list[dict[str, Any]]:
    return list({key(each): each for record in records for each in record[name]}.values())


def _unobserved(record: dict[str, Any]) -> list[Finding]:
    if not record["whole"]:
        return []
    return [
        Finding(
            "status-unobserved", Severity.ERROR, cell["operation"], f"status {cell['status']}",
            f"{cell['status']} is promised, but was never observed; add a pin that provokes it",
            before=cell["status"], why="The promise is untested.",
        )
        for cell in record["cells"]
        if cell["state"] == State.UNOBSERVED.value
    ]  # fmt: skip


def _level(record: dict[str, Any]) -> list[Finding]:
    wanted, reached = record["wanted_level"], record["level"]
    if not record["whole"] or reached >= wanted or any(pin["verdict"] == "skipped" for pin in record["pins"]):
        return []
    unmet = [each for each in record["criteria"] if each["level"] <= wanted and each["missing"]]
    missing = "; ".join(f"{each['name']}: {', '.join(each['missing'][:3])}" for each in unmet)
    return [
        Finding(
            "coverage-level", Severity.ERROR, "", "coverage",
            f"the run reaches level {reached}; missing for {wanted}: {missing}", before=str(wanted), after=str(reached),
            why="The run tests less of the contract than pins.yaml requires.",
        )
    ]  # fmt: skip
