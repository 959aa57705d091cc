"""What a terminal shows while a run goes on."""

from statuspin.verify.progress import ProgressBar


def test_what_has_no_known_end_does_not_take_over_that_of_what_came_before():
    with ProgressBar() as bar:
        bar.begin("races", 0)
        bar.begin("fuzzer")
        bar.step("GET /items")
        (task,) = bar._progress.tasks

    assert (task.description, task.completed, task.total) == ("fuzzer", 1, None)
