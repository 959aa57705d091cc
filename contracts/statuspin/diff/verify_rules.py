"""The rules of findings of `verify`, which the waivers of a contract folder may name beside those of `diff`."""

VERIFY_RULES = frozenset(
    {
        "base-path", "coverage-level", "fuzzer-hindered", "fuzzer-unanswered", "fuzzer-warning", "method-undocumented",
        "operation-untested", "pin-broken", "run-unfinished", "status-never", "status-undocumented",
        "status-unobserved",
    }
)  # fmt: skip
CHECK = "fuzzer-"
"""What the rules of Schemathesis' checks begin with."""


def is_of_verify(rule: str) -> bool:
    """Return whether a rule is one of `verify`."""
    return rule in VERIFY_RULES or rule.startswith(CHECK)
