"""The progress bar of a run."""

from statuspin.verify.progress import ProgressBar


def test_a_phase_without_a_total_does_not_keep_the_total_of_the_phase_before():
    with ProgressBar() as bar:
        bar.begin("races", 0)
        bar.begin("fuzzer")
        bar.step("GET /items")
        (task,) = bar._progress.tasks

    assert (task.description, task.completed, task.total) == ("fuzzer", 1, None)
