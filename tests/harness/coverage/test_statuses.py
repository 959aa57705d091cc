"""The observed and promised statuses of each operation."""

import pytest

from statuspin.coverage.statuses import State, StatusCoverage
from tests.harness.contract.samples import document, operation
from tests.harness.coverage.exchanges import exchange

DOCUMENT = document(
    {
        "/a": {
            "get": operation("exact", "200", "404", "500", "x-note"),
            "post": operation("wild", "201", "4xx", "default"),
        }
    }
)


def states(coverage: StatusCoverage) -> dict[tuple[str, str], State]:
    return {(cell.operation, cell.key): cell.state for cell in coverage.cells()}


def test_statuses_are_unobserved_or_forbidden_at_first():
    assert states(StatusCoverage(DOCUMENT, (500,))) == {
        ("exact", "200"): State.UNOBSERVED,
        ("exact", "404"): State.UNOBSERVED,
        ("exact", "500"): State.NEVER,
        ("wild", "201"): State.UNOBSERVED,
        ("wild", "4XX"): State.UNOBSERVED,
        ("wild", "default"): State.UNOBSERVED,
    }


@pytest.mark.parametrize(
    ("name", "status", "key", "state"),
    [
        ("exact", 200, "200", State.OBSERVED),
        ("exact", 403, "403", State.UNDOCUMENTED),
        ("exact", 500, "500", State.BROKEN),
        ("wild", 404, "4XX", State.OBSERVED),
        ("wild", 422, "4XX", State.OBSERVED),
        ("wild", 302, "default", State.OBSERVED),
        ("wild", 500, "500", State.BROKEN),
        ("exact", 503, "503", State.BROKEN),
        ("PUT /a", 200, "200", State.UNSUPPORTED),
        ("PUT /a", 500, "500", State.BROKEN),
    ],
)
def test_a_response_counts_for_the_key_that_documents_it(name, status, key, state):
    coverage = StatusCoverage(DOCUMENT, (500, 503))
    coverage.see(exchange(name, status=status))
    coverage.see(exchange(name, status=status))
    assert states(coverage)[name, key] == state
    seen = [cell for cell in coverage.cells() if cell.count]
    assert [(cell.key, cell.count, cell.statuses) for cell in seen] == [(key, 2, {status})]


def test_a_skipped_status_becomes_observed_if_it_occurs():
    coverage = StatusCoverage(DOCUMENT, (500,))
    coverage.skip("exact", 404)
    assert states(coverage)["exact", "404"] == State.SKIPPED
    coverage.see(exchange("exact", status=404))
    coverage.skip("exact", 404)
    assert states(coverage)["exact", "404"] == State.OBSERVED


def test_an_exchange_without_a_response_is_not_counted():
    coverage = StatusCoverage(DOCUMENT)
    coverage.see(exchange("exact", status=None))
    assert not [cell for cell in coverage.cells() if cell.count]


def test_a_few_examples_are_kept_and_all_are_counted():
    coverage = StatusCoverage(DOCUMENT)
    for _ in range(10):
        coverage.see(exchange("exact"))
    (cell,) = coverage.cells(State.OBSERVED)
    assert (cell.count, len(cell.exchanges)) == (10, 3)


def test_a_forbidden_status_is_broken_although_default_covers_it():
    coverage = StatusCoverage(DOCUMENT, (500,))
    for status in (500, 500, 503):
        coverage.see(exchange("wild", status=status))

    found = states(coverage)
    assert found["wild", "500"] == State.BROKEN
    assert found["wild", "default"] == State.OBSERVED
    (cell,) = [cell for cell in coverage.cells() if (cell.operation, cell.key) == ("wild", "500")]
    assert cell.count == 2
