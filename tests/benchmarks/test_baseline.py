"""Intervals of ratios, and what moved since the results that the repository keeps."""

from pathlib import Path

from tests.benchmarks.baseline import baseline_path, compare_with_baseline, write_baseline
from tests.benchmarks.estimates import Estimate, estimate

MACHINE = {"date": "2026-11-28T03:00:00+00:00", "processor": "AMD EPYC 7B13 (x)", "cores": 2, "python": "3.11.7"}


def test_the_interval_of_equal_rounds_is_their_value() -> None:
    assert estimate([0.5] * 9) == Estimate(0.5, 0.5, 0.5)


def test_the_interval_contains_the_median_and_no_single_disturbed_round() -> None:
    found = estimate([0.80, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.20])

    assert found.median == 0.83
    assert 0.80 <= found.low < found.median < found.high <= 0.87


def test_equal_rounds_give_equal_intervals() -> None:
    rounds = [0.7, 0.9, 0.8, 0.75, 0.85]

    assert estimate(rounds) == estimate(rounds)


def test_a_machine_has_a_file_for_its_processor_cores_and_python(tmp_path: Path) -> None:
    assert baseline_path(MACHINE, tmp_path) == tmp_path / "amd-epyc-7b13-x-2-cores-python-3.11.json"
    assert baseline_path({**MACHINE, "python": "3.11.9"}, tmp_path) == baseline_path(MACHINE, tmp_path)
    assert baseline_path({**MACHINE, "cores": 4}, tmp_path) != baseline_path(MACHINE, tmp_path)


def test_the_first_run_on_a_machine_says_how_its_results_are_kept(tmp_path: Path) -> None:
    text = compare_with_baseline(tmp_path / "new.json", {"get": {"limit": Estimate(0.8, 0.7, 0.9)}})

    assert text == "No earlier results of this kind of machine. Keep these with --keep: new.json"


def test_only_ratios_beyond_the_noise_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    before = {"get": {"limit": Estimate(0.80, 0.78, 0.82), "fastapi": Estimate(9, 8.5, 9.5)}}
    write_baseline(path, MACHINE, before)

    noise = {"get": {"limit": Estimate(0.83, 0.81, 0.85), "fastapi": Estimate(9.2, 8.6, 9.7)}}
    slower = {"get": {"limit": Estimate(0.70, 0.69, 0.71), "fastapi": Estimate(9, 8.5, 9.5)}}
    more = {"list": {"limit": Estimate(0.70, 0.69, 0.71)}}

    head = "Compared with the results of 2026-11-28T03:00:00+00:00"
    moved = f"{head}, these ratios moved beyond the noise:\n"
    assert compare_with_baseline(path, before) == f"{head}, nothing moved."
    assert compare_with_baseline(path, noise) == f"{head}, nothing moved."
    assert compare_with_baseline(path, slower) == moved + "get × limit: 0.70 [0.69, 0.71] instead of 0.80 [0.78, 0.82]"
    assert compare_with_baseline(path, more) == moved + "list × limit: 0.70 [0.69, 0.71], not measured before"
