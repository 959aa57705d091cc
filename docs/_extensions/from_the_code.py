"""Sphinx directives whose content comes from the code at build time, so that no copy of it can be stale."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from click import Context
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class FromTheCode(SphinxDirective):
    """A directive that renders Markdown which `markdown` makes."""

    def run(self) -> list[nodes.Node]:
        """Parse the Markdown in the page."""
        return self.parse_text_to_nodes("\n".join(self.markdown()), allow_section_headings=True)

    def markdown(self) -> Iterable[str]:
        """Return the lines to render."""
        raise NotImplementedError


class SettingsTable(FromTheCode):
    """The settings in app/settings.py with their defaults and descriptions, in the order of the class."""

    def markdown(self) -> Iterator[str]:
        """Yield one row for each setting."""
        from app.settings import Settings

        yield from _table_head("Variable", "Default", "Description")
        for name, field in Settings.model_fields.items():
            yield _row(f"`{name.upper()}`", _format_default(field.default), str(field.description))


class OperationsTable(FromTheCode):
    """The operations in openapi.yaml with path, permission and statuses."""

    def markdown(self) -> Iterator[str]:
        """Yield one row for each operation."""
        from app.openapi import contract

        yield from _table_head("Operation", "Request", "Permission", "Summary", "Statuses")
        for path, item in contract()["paths"].items():
            for method, operation in item.items():
                if "operationId" in operation:
                    public = operation.get("security") == []
                    permission = f"`{operation['x-permission']}`" if "x-permission" in operation else ""
                    yield _row(
                        operation["operationId"],
                        f"`{method.upper()} {path}`",
                        "public" if public else permission or "any token",
                        operation["summary"],
                        " ".join(operation["responses"]),
                    )


class MetricsTable(FromTheCode):
    """The metrics in app/telemetry/metrics.py with type, labels and help text."""

    def markdown(self) -> Iterator[str]:
        """Yield one row for each metric."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.metrics import MetricWrapperBase

        from app.telemetry.metrics import Metrics

        registry: CollectorRegistry = Metrics(pool_max_size=1).registry
        yield from _table_head("Metric", "Type", "Labels", "Description")
        for metric in registry._collector_to_names:  # noqa: SLF001 - prometheus-client has no public way to the labels
            if not isinstance(metric, MetricWrapperBase):
                raise TypeError(f"{metric} is no metric of prometheus-client")
            (described,) = metric.describe()
            suffix = "_total" if described.type == "counter" else ""
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001
            yield _row(f"`{described.name}{suffix}`", described.type, labels, described.documentation)


class ErrorResponses(FromTheCode):
    """Every operation's error responses in pins.yaml, in the order in which the service checks for them."""

    def markdown(self) -> Iterator[str]:
        """Yield a section for each operation."""
        from app.pages.error_responses import list_error_responses

        for operation in list_error_responses():
            yield from (f"## {operation['id']}", "", f"`{operation['method']} {operation['path']}`", "")
            yield from _table_head("Order", "Status", "Message", "If")
            for response in operation["error_responses"]:
                conditions = "; ".join(_format_condition(each) for each in response["conditions"])
                yield _row(str(response["step"]), str(response["status"]), response["message"], conditions)
            yield ""


class PinsVocabulary(FromTheCode):
    """The actors, states and failure modes that pins.yaml defines."""

    option_spec: ClassVar = {}
    required_arguments = 1

    def markdown(self) -> Iterator[str]:
        """Yield one row for each name that has a description."""
        from app.openapi import pins

        defined: dict[str, dict[str, Any]] = pins()
        for key in self.arguments[0].split("."):
            defined = defined[key]
        yield from _table_head("Name", "Description")
        yield from (_row(name, each.get("description", "")) for name, each in defined.items())


class DiffRules(FromTheCode):
    """The rules of `statuspin diff`, as `statuspin rules` shows them."""

    def markdown(self) -> list[str]:
        """Return the section of each direction."""
        from statuspin.cli.rules import format_markdown
        from statuspin.diff import Severities
        from statuspin.diff.catalogue import describe_rules

        return format_markdown(describe_rules(Severities.usual())).splitlines()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("settings-table", SettingsTable)
    app.add_directive("operations-table", OperationsTable)
    app.add_directive("metrics-table", MetricsTable)
    app.add_directive("error-responses", ErrorResponses)
    app.add_directive("diff-rules", DiffRules)
    app.add_directive("pins-vocabulary", PinsVocabulary)
    app.connect("sphinx-click-process-description", _show_examples_as_code)
    return {"parallel_read_safe": True}


def _show_examples_as_code(app: Sphinx, context: Context, lines: list[str]) -> None:
    """Turn the examples of a help text, which sphinx-click renders as lines of prose, into a block of code."""
    if "| Examples:" in lines:
        start = lines.index("| Examples:")
        examples = [line.removeprefix("| ") for line in lines[start + 1 :] if line.startswith("| ")]
        rest = [line for line in lines[start + 1 :] if not line.startswith("| ")]
        lines[start:] = ["Examples:", "", ".. code-block:: sh", "", *(f"   {line}" for line in examples), "", *rest]


def _table_head(*titles: str) -> tuple[str, str]:
    return _row(*titles), _row(*("---" for _ in titles))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _format_default(default: object) -> str:
    if default is None or default == ():
        return "—"
    if isinstance(default, tuple):
        return f"`{chr(44).join(map(str, default))}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _format_condition(condition: dict[str, Any]) -> str:
    parts = [", ".join(condition["actors"])]
    parts += [f"{word} {', '.join(condition[key])}" for key, word in _CONDITIONS.items() if condition[key]]
    return " · ".join(parts)


_CONDITIONS = {"states": "interview", "inputs": "input", "modes": "mode"}
