"""The dashboard and the alert rules use metrics that exist, and pass Prometheus' own check."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from app.telemetry.metrics import Metrics
from tests.support.command_line import CHECKOUT

MONITORING = CHECKOUT / "deploy" / "monitoring"
RULES = MONITORING / "alerts.yaml"
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus"
)


def _alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts: list[dict[str, Any]] = group["rules"]
    return alerts


def _samples(registry: CollectorRegistry) -> Iterator[str]:
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
    for metric in registry.collect():
        yield from (metric.name + suffix for suffix in suffixes[metric.type])


def test_every_expression_uses_metrics_that_exist() -> None:
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    expressions += [alert["expr"] for alert in _alerts()]

    used = {name for text in expressions for name in re.findall(r"\binterview_\w+", re.sub(r'"[^"]*"', '""', text))}

    assert used <= set(_samples(Metrics(pool_max_size=1).registry))


def test_every_metric_is_on_the_dashboard() -> None:
    text = json.dumps(DASHBOARD)

    assert [name.name for name in Metrics(pool_max_size=1).registry.collect() if name.name not in text] == []


def test_the_panels_do_not_overlap_and_have_unique_ids() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert len(set(places)) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_every_alert_says_what_happened() -> None:
    for alert in _alerts():
        assert alert["labels"]["severity"] in ("critical", "warning"), alert
        assert alert["annotations"]["summary"], alert


@needs_promtool
def test_promtool_finds_nothing() -> None:
    result = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)

    assert result.returncode == 0, result.stdout + result.stderr
