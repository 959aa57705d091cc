"""A record with hostile texts, and its page."""

import json
from typing import Any

import pytest

from statuspin.report.rendering import render_page
from statuspin.verify.record import FORMAT
from tests.harness.report.samples import HOSTILE, MUTANTS, STATES, exchange, finding, pin


@pytest.fixture(scope="package")
def record() -> dict[str, Any]:
    """Return a record of six operations, one for each state of a cell, with hostile texts in every text."""
    cells = [
        {"operation": f"op_{number}", "status": status, "state": state, "count": number, "exchanges": [number]}
        for number, (state, status) in enumerate(zip(STATES, ("200", "404", "4XX", "500", "500", "418"), strict=True))
    ]
    cells.append({"operation": "op_0", "status": "4XX", "state": STATES[0], "count": 1, "exchanges": [1]})
    return {
        "format": FORMAT,
        "contract": {"title": HOSTILE, "release": "1.0.0", "folder": "current", "file": "openapi.yaml"},
        "url": "http://127.0.0.1:1",
        "finished": "2026-01-31T10:00:00+00:00", "seconds": 1.5, "requests": 7, "seed": 1, "transcript": "abc",
        "whole": False, "shard": None, "level": 3, "wanted_level": 0,
        "operations": [{"id": f"op_{n}", "method": "POST", "path": f"/a/{n}"} for n in range(6)],
        "cells": cells,
        "pins": [
            pin("op_0", 200, "kept", 0), pin("op_0", 404, "broken", 1, id=f"op_0 · {HOSTILE}", reason=HOSTILE),
            pin("op_2", 422, "skipped", 2, reason="no token", statements=None),
        ],
        "criteria": [{"level": 4, "name": "parameters", "wanted": 3, "covered": 1, "missing": ["a · x", HOSTILE]}],
        "fuzzer": {"cases": 3, "checks": ["a"], "errors": [], "operations": [
            {"operation": "op_0", "cases": 3, "seconds": 0.25}], "complaints": [
            {"check": "a", "operation": "op_0", "title": HOSTILE, "message": HOSTILE, "exchange": 0}]},
        "findings": [finding("error"), finding("warning")],
        "exchanges": [exchange(n, json.dumps({"a": HOSTILE, "lone": "\ud800"}) if n else HOSTILE) for n in range(6)],
    }  # fmt: skip


@pytest.fixture(scope="package")
def text(record: dict[str, Any]) -> str:
    """Return the page of the record."""
    return render_page(record, MUTANTS)
