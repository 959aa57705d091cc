"""The configuration of Schemathesis: from its own file, pins.yaml and options, and for the needs of the harness."""

import ssl
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from statuspin.contract.document import METHODS
from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection

PHASES = ("examples", "coverage", "fuzzing", "stateful")
DEFAULT_EXAMPLES = 25
_CONFIG = "schemathesis.toml"


@dataclass(frozen=True)
class Budget:
    """The extent of fuzzing.

    examples: the maximum for each operation and phase; None for the contract's number, or 25. seconds: timeout of a
    response. methods, operations: those to fuzz; empty for all. excluded_methods: undocumented methods that the server
    may support, such as `DELETE`; they are not sent, and Allow may list them. max_failures: number of failures after
    which the fuzzer stops. workers: threads; only one thread sends the same requests in the same order in each run.
    skip, checks, examples_by_operation, config, hooks: see FuzzOptions.
    """

    examples: int | None = None
    seed: int = 1
    seconds: float = 30.0
    methods: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    excluded_methods: frozenset[str] = frozenset()
    max_failures: int | None = None
    phases: tuple[str, ...] = PHASES
    workers: int = 1
    skip: tuple[str, ...] = ()
    checks: Mapping[str, bool] = field(default_factory=dict)
    examples_by_operation: Mapping[str, int] = field(default_factory=dict)
    config: Path | None = None
    hooks: tuple[Path, ...] = ()

    @property
    def threads(self) -> int:
        """The number of threads, which is always 1 on Python 3.11.

        On 3.11, Hypothesis changes the recursion limit in one thread, which makes parsers fail in other threads.
        """
        return self.workers if sys.version_info >= (3, 12) else 1

    def with_options_of(self, contract: Contract) -> "Budget":
        """Return the budget with the options under `fuzz` in pins.yaml. Options of the command line override them."""
        options = contract.pins.fuzz
        config = contract.folder / (options.config or _CONFIG)
        examples = options.examples if isinstance(options.examples, int) else None
        return replace(
            self,
            examples=self.examples or examples,
            skip=(*self.skip, *options.skip),
            checks={**options.checks, **self.checks},
            examples_by_operation={} if self.examples else options.examples_by_operation,
            config=config if options.config or config.is_file() else None,
            hooks=tuple(contract.folder / name for name in options.hooks),
        )


def fuzz_settings(url: str, connection: Connection, budget: Budget, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the configuration of Schemathesis. labels: operation to its label, `GET /path`.

    Nothing is cached between runs, so that a seed determines the requests of one thread. Raises CannotRun if the
    budget's configuration file cannot be read.
    """
    settings = _read_config(budget.config)
    generation = {"max-examples": DEFAULT_EXAMPLES, **settings.get("generation", {})}
    if budget.examples:
        generation["max-examples"] = budget.examples
    phases: dict[str, Any] = {name: dict(settings.get("phases", {}).get(name, {})) for name in PHASES}
    for name in PHASES:
        phases[name]["enabled"] = name in budget.phases and phases[name].get("enabled", True)
    checks = {**settings.get("checks", {}), **{name: {"enabled": on} for name, on in budget.checks.items()}}
    if budget.methods:  # otherwise the coverage phase sends undocumented methods, too, even DELETE
        phases["coverage"]["unexpected-methods"] = ["OPTIONS"]
    elif budget.excluded_methods:
        tried = [each for each in METHODS if each != "head" and each.upper() not in budget.excluded_methods]
        phases["coverage"]["unexpected-methods"] = tried
        checks["allow_header_conformance"] = {"enabled": False}  # Allow lists methods that this release did not have
    settings |= {
        "base-url": url,
        "seed": budget.seed,
        "workers": budget.threads,
        "continue-on-failure": budget.max_failures is None,
        "request-timeout": budget.seconds,
        "cache": {"enabled": False},
        "generation": generation | {"database": "none", "no-shrink": False},
        "phases": phases,
        "checks": checks,
        "operations": [*_operation_settings(budget, labels), *settings.get("operations", [])],
        "analysis": {"constants": {"enabled": False}},
    }
    if budget.max_failures is not None:
        settings["max-failures"] = budget.max_failures
    return settings | _connection_settings(url, connection, settings.get("headers", {}))


def _operation_settings(budget: Budget, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"include-name": labels[name], "generation": {"max-examples": examples}}
        for name, examples in budget.examples_by_operation.items()
    ]


def _read_config(file: Path | None) -> dict[str, Any]:
    """Return the contents of a schemathesis.toml, without its reports. Raises CannotRun if it cannot be read."""
    if file is None:
        return {}
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRun(f"{file}: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:
        raise CannotRun(f"{file}: not TOML: {error}") from None
    settings.pop("reports", None)
    if isinstance(hooks := settings.get("hooks"), str) and hooks.endswith(".py"):
        settings["hooks"] = str(file.parent / hooks)
    return settings


def _connection_settings(url: str, connection: Connection, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the connection to the server."""
    settings: dict[str, Any] = {}
    if connection.headers:
        settings["headers"] = {**headers, **connection.headers}
    if proxy := connection.proxy_for(url):
        settings["proxy"] = proxy
    system = ssl.get_default_verify_paths()
    ca_certificates = connection.ca_certificates or system.cafile or system.capath
    settings["tls-verify"] = False if connection.insecure else str(ca_certificates) if ca_certificates else True
    if connection.cert:
        settings["request-cert"] = str(connection.cert)
    if connection.key:
        settings["request-cert-key"] = str(connection.key)
    return settings
