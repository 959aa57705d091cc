"""Build parts of a record."""

from typing import Any

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
STATES = ("observed", "promised, not observed", "promised, could not be provoked here", "never", "never, but observed",
          "observed, not documented")  # fmt: skip


def exchange(number: int, body: str) -> dict[str, Any]:
    return {
        "operation": f"op_{number}", "source": "a pin", "seconds": 0.1, "failure": "",
        "request": {"method": "POST", "target": f"/a/{number}?x={HOSTILE}", "headers": {"x-a": HOSTILE}, "body": body},
        "answer": {"status": 200, "headers": {"content-type": "application/json"}, "body": body},
        "curl": f"curl http://127.0.0.1:1/a/{number}?x={HOSTILE}",
    }  # fmt: skip


def pin(operation: str, status: int, verdict: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{operation} · owner", "operation": operation, "actor": "owner", "state": "-", "input": "valid",
        "mode": "as it is", "promise": str(status), "statuses": [status], "observed": "200", "verdict": verdict,
        "reason": "", "budget": 2, "statements": 1, "exchanges": [number], "seconds": 0.1, "request": number, **more,
    }  # fmt: skip


def finding(severity: str) -> dict[str, Any]:
    return {"rule": "pin-broken", "severity": severity, "operation": HOSTILE, "place": HOSTILE, "message": HOSTILE,
            "before": "", "after": "", "why": "because", "witness": "",
            "location": {"file": "pins.yaml", "line": 3, "column": 5, "revision": None}}  # fmt: skip


MUTANTS = {"mutants": [{"name": "m1", "title": HOSTILE, "killer": "a pin", "fuzzer": None}, {
    "name": "m2", "title": "t", "killer": "", "fuzzer": "a check"}]}  # fmt: skip
