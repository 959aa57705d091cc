"""The record of a run: its result as JSON, without tokens, passwords and cookies. `statuspin report` reads it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from statuspin.errors import CannotRun
from statuspin.findings import Finding, Location
from statuspin.http.curl import curl_command
from statuspin.http.exchange import Exchange
from statuspin.http.redaction import Redaction
from statuspin.loading.files import read_mapping
from statuspin.verify.locating import Locator
from statuspin.verify.pinning import Outcome, Verdict
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Result

DEFAULT = Path("contract-run.json")
FORMAT = 2
_LONGEST = 4000
_LISTS = ("operations", "cells", "pins", "criteria", "findings", "exchanges")


def create_record(result: Result, reported: Sequence[Finding] | None = None) -> dict[str, Any]:
    """Return the record of a result. reported: its findings after waivers and baseline, or None to compute them."""
    hide, document = Redaction.from_contract(result.contract, result.secrets), result.contract.document
    book, locator = _Book(hide, result.url), Locator(result.contract)
    return {
        "format": FORMAT,
        "contract": {
            "title": document.title, "release": document.release, "folder": result.contract.folder.name,
            "file": document.name,
        },
        "url": result.url,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 1),
        "requests": result.requests,
        "resends": asdict(result.resends),
        "unfinished": result.unfinished,
        "seed": result.plan.budget.seed,
        "transcript": result.digest,
        "whole": result.plan.is_complete,
        "shard": result.plan.shard and {
            "number": result.plan.shard.number, "total": result.plan.shard.total,
            "whole": result.plan.is_complete_across_shards,
        },
        "operations": [
            {"id": operation.id, "method": operation.method.upper(), "path": operation.path}
            for operation in document.operations.values()
        ] + [
            {"id": name, "method": method, "path": path, "unsupported": True}
            for name, (method, path) in sorted(result.booking.unsupported.items())
        ],
        "cells": [
            {
                "operation": cell.operation, "status": cell.key, "state": cell.state.value, "count": cell.count,
                "exchanges": [book.number(exchange) for exchange in cell.exchanges],
            }
            for cell in result.coverage.cells()
        ],
        "pins": [_record_pin(outcome, book) for outcome in result.outcomes],
        "criteria": [
            {
                "level": each.level, "name": each.name, "wanted": len(each.wanted),
                "covered": len(each.wanted & each.seen), "missing": each.missing,
            }
            for each in result.criteria.all
        ],
        "level": result.criteria.level,
        "wanted_level": result.contract.pins.level,
        "fuzzer": result.fuzzed and {
            "cases": result.fuzzed.cases, "checks": sorted(result.fuzzed.checks), "errors": result.fuzzed.errors,
            "operations": [
                {"operation": name, "cases": each.cases, "seconds": round(each.seconds, 3)}
                for name, each in result.fuzzed.operations.items()
            ],
            "complaints": [
                {
                    "check": each.check, "operation": each.operation, "title": each.title,
                    "message": hide.text(each.message[:_LONGEST]),
                    "exchange": book.number(each.exchange) if each.exchange else None,
                }
                for each in result.fuzzed.failures
            ],
        },
        "findings": [
            record_finding(each, locator.find(each))
            for each in (findings(result) if reported is None else reported)
        ],
        "exchanges": book.pages,
    }  # fmt: skip


def record_finding(finding: Finding, location: Location) -> dict[str, Any]:
    """Return a finding in the format of a record. location: its place in the files of the contract."""
    return {
        "rule": finding.rule, "severity": finding.severity.value, "operation": finding.operation,
        "place": finding.place, "message": finding.message, "evidence": list(finding.evidence),
        "accepted": finding.accepted, "before": finding.before, "after": finding.after, "why": finding.why,
        "witness": finding.witness, "location": asdict(location),
    }  # fmt: skip


def write(record: dict[str, Any], path: Path) -> None:
    """Write a record. Raises CannotRun if the file cannot be written."""
    try:
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8", errors="replace")
    except OSError as error:
        raise CannotRun(f"{path}: {(error.strerror or str(error)).lower()}") from None


def read(path: Path) -> dict[str, Any]:
    """Read a record. Raises CannotRun if the file is missing, or is no record of this version."""
    if not path.exists():
        raise CannotRun(f"{path} does not exist; create it with `statuspin verify`, or name another file with --run")
    record = read_mapping(path)
    if record.get("format") != FORMAT or not all(isinstance(record.get(name), list) for name in _LISTS):
        raise CannotRun(f"{path}: not a record of this version; create one with `statuspin verify`")
    return record


class _Book:
    """The exchanges of a record, each stored once and numbered."""

    def __init__(self, hide: Redaction, url: str) -> None:
        self.hide, self._url, self._numbers = hide, url, dict[int, int]()
        self._kept: list[Exchange] = []
        self.pages: list[dict[str, Any]] = []

    def number(self, exchange: Exchange) -> int:
        if id(exchange) not in self._numbers:
            self._numbers[id(exchange)] = len(self.pages)
            self._kept.append(exchange)
            self.pages.append(_record_exchange(exchange, self.hide, self._url))
        return self._numbers[id(exchange)]


def _record_pin(outcome: Outcome, book: _Book) -> dict[str, Any]:
    pin, expected = outcome.pin, outcome.pin.expected
    shown = outcome.exchanges if outcome.verdict == Verdict.BROKEN else outcome.exchanges[outcome.own :][:1]
    return {
        "id": pin.id, "operation": pin.operation, "actor": pin.actor, "state": pin.state, "input": pin.input,
        "mode": pin.mode, "promise": pin.promise, "statuses": list(pin.statuses), "observed": outcome.observed,
        "verdict": outcome.verdict.value, "reason": book.hide.text(outcome.reason),
        "budget": expected.statements if expected else None, "statements": outcome.statements,
        "seconds": round(sum(exchange.seconds for exchange in outcome.exchanges), 4),
        "request": book.number(outcome.exchanges[outcome.own]) if outcome.exchanges else None,
        "exchanges": [book.number(exchange) for exchange in shown[-6:]] if outcome.own >= 0 or shown else [],
    }  # fmt: skip


def _record_exchange(exchange: Exchange, hide: Redaction, url: str) -> dict[str, Any]:
    sent, answer = exchange.sent, exchange.answer
    return {
        "operation": exchange.operation,
        "source": exchange.source,
        "seconds": round(exchange.seconds, 4),
        "request": {
            "method": sent.method, "target": hide.text(sent.target)[:_LONGEST], "headers": hide.headers(sent.headers),
            "body": _shorten_body(sent.body, hide),
        },
        "answer": answer and {
            "status": answer.status, "headers": hide.headers(answer.headers), "body": _shorten_body(answer.body, hide),
        },
        "failure": exchange.failure,
        "curl": curl_command(exchange, url, hide),
    }  # fmt: skip


def _shorten_body(body: bytes, hide: Redaction) -> str:
    text = hide.text(body[: 4 * _LONGEST].decode("utf-8", "replace"))
    whole = len(text) <= _LONGEST and len(body) <= 4 * _LONGEST
    return text if whole else f"{text[:_LONGEST]} … ({len(body)} bytes)"
