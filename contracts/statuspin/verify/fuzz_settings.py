"""How Schemathesis is configured."""

import ssl
from dataclasses import dataclass
from typing import Any

from statuspin.contract.document import METHODS
from statuspin.http.connection import Connection

PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True)
class Budget:
    """How much is fuzzed. examples: at the most, per operation and phase.

    seconds: for each answer. methods, operations: the ones to send, empty for all. untried: methods (`DELETE`) that
    paths may have and the document does not know: they are not sent, and Allow may name them. most_failures: after
    which it stops.
    """

    examples: int = 25
    seed: int = 1
    seconds: float = 30.0
    methods: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    untried: frozenset[str] = frozenset()
    most_failures: int | None = None
    phases: tuple[str, ...] = PHASES


def fuzz_settings(url: str, connection: Connection, budget: Budget) -> dict[str, Any]:
    """Schemathesis' configuration: nothing is remembered between runs, on one thread, so that a seed says all."""
    settings: dict[str, Any] = {
        "base-url": url,
        "seed": budget.seed,
        "workers": 1,
        "continue-on-failure": budget.most_failures is None,
        "request-timeout": budget.seconds,
        "cache": {"enabled": False},
        "generation": {"max-examples": budget.examples, "database": "none", "no-shrink": False},
        "phases": {name: {"enabled": name in budget.phases} for name in PHASES},
        "analysis": {"constants": {"enabled": False}},
    }
    if budget.methods:  # else the coverage phase tries those that a path does not have, DELETE among them
        settings["phases"]["coverage"]["unexpected-methods"] = ["OPTIONS"]
    elif budget.untried:
        tried = [each for each in METHODS if each != "head" and each.upper() not in budget.untried]
        settings["phases"]["coverage"]["unexpected-methods"] = tried
        settings["checks"] = {"allow_header_conformance": {"enabled": False}}  # it names what there is by now
    if budget.most_failures is not None:
        settings["max-failures"] = budget.most_failures
    settings.update(_reach(url, connection))
    return settings


def _reach(url: str, connection: Connection) -> dict[str, Any]:
    """How the server is reached, in Schemathesis' words."""
    settings: dict[str, Any] = {}
    if connection.headers:
        settings["headers"] = dict(connection.headers)
    if proxy := connection.proxy_for(url):
        settings["proxy"] = proxy
    system = ssl.get_default_verify_paths()
    trusted = connection.trusted or system.cafile or system.capath
    settings["tls-verify"] = False if connection.insecure else str(trusted) if trusted else True
    if connection.cert:
        settings["request-cert"] = str(connection.cert)
    if connection.key:
        settings["request-cert-key"] = str(connection.key)
    return settings
