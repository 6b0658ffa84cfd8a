"""Workers: every task's results, in its order; deaths are survived once."""

from __future__ import annotations

import pytest

from retold.core.errors import SourceError
from retold.workers import Done, WorkerDied, open_workers
from support.work import die_always, die_once, fail, squares


@pytest.mark.parametrize("processes", [1, 2])
def test_each_task_yields_its_results_in_order_and_then_is_done(processes):
    with open_workers(processes) as workers:
        seen: dict[int, list] = {}
        for index, result in workers.stream(squares, [3, 0, 5, 2]):
            seen.setdefault(index, []).append("done" if isinstance(result, Done) else result)
        again = [result for _, result in workers.stream(squares, [2]) if not isinstance(result, Done)]
    assert seen == {0: [0, 1, 4, "done"], 1: ["done"], 2: [0, 1, 4, 9, 16, "done"], 3: [0, 1, "done"]}
    assert again == [0, 1]


def test_a_process_that_is_killed_is_replaced_and_its_task_done_again(tmp_path):
    """Kills: not putting the task back after a death."""
    with open_workers(2) as workers:
        results = [value for _, value in workers.stream(die_once, [str(tmp_path / "m")]) if not isinstance(value, Done)]
    assert results in (["before", "before", "after"], ["before", "after"])


def test_a_task_that_kills_its_process_twice_ends_the_run_by_name():
    with open_workers(2) as workers, pytest.raises(WorkerDied, match="poison"):
        list(workers.stream(die_always, ["poison"]))


@pytest.mark.parametrize("processes", [1, 2])
def test_the_error_of_a_task_arrives_whole(processes):
    with open_workers(processes) as workers, pytest.raises(SourceError, match="no such thing") as raised:
        list(workers.stream(fail, ["x"]))
    assert raised.value.fix == "look elsewhere"


def test_no_workers_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        open_workers(0)
