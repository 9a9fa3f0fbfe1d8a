"""Several runs of a sweep at once: what each finds in its environment, what is refused, and over made records who is begun when."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

import made
from tui_trainer import paths, sweeps
from tui_trainer.commands import COMMANDS, Stop
from tui_trainer.events import RunEnded
from tui_trainer.runs import log, swept
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import parallel, sweeping
from tui_trainer.session.parallel import Parallel, ParallelError
from tui_trainer.session.preflight import Device
from tui_trainer.session.resuming import Resume
from tui_trainer.session.sweeping import Queue


def queue_of(**given: str) -> Queue:
    sweep = sweeps.of_lists({"preset": "linear", "dataset": "digits", "lr": "0.1,0.2,0.3", "device": "cpu"} | given, "rates")
    assert sweep is not None
    return Queue(sweep, {}, sweeping.plan(sweep, {}))


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 5)
    found = [Device("cuda:0", "GPU", 0, 0), Device("cuda:1", "GPU", 0, 0), Device("cpu", "CPU", 0, 0)]
    monkeypatch.setattr(parallel, "devices", lambda: found)


def test_cores_are_shared_out_and_gpus_go_to_one_run_each(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parallel.places(queue_of().planned, 1) == [{}]
    assert parallel.places(queue_of().planned, 2) == [{"TUI_TRAINER_CORES": "2"}] * 2
    assert parallel.places(queue_of(threads="2").planned, 2) == [{"TUI_TRAINER_CORES": "2"}] * 2
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for device in ("auto", "cuda"):
        found = parallel.places(queue_of(device=device).planned, 2)
        assert found == [{"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "1"}]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4, 7")  # others on this machine use the rest
    found = parallel.places(queue_of(device="cuda").planned, 2)
    assert found == [{"CUDA_VISIBLE_DEVICES": "4"}, {"CUDA_VISIBLE_DEVICES": "7"}]


@pytest.mark.parametrize(
    ("given", "count", "said"),
    [
        ({}, 6, "--parallel 6: here are 5 cores, at most one run on each"),
        ({"threads": "3"}, 2, "with 3 threads each there is room for 1 on 5 cores"),
        ({"device": "auto"}, 3, "here are 2 GPUs, and each run takes one; --parallel 2 or --device cpu"),
        ({"device": "cuda:1"}, 2, "all would train on cuda:1"),
        ({"device": "mps"}, 2, "all would train on mps"),
    ],
)
def test_more_than_the_device_allows_is_refused(given: dict[str, str], count: int, said: str) -> None:
    with pytest.raises(ParallelError, match=said):
        parallel.places(queue_of(**given).planned, count)


def test_what_a_process_is_given_is_what_it_counts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.cores() is None
    monkeypatch.setenv("TUI_TRAINER_CORES", "1")
    from tui_trainer.engine import devices

    assert (paths.cores(), devices.cores()) == (1, 1)
    monkeypatch.setenv("TUI_TRAINER_CORES", "many")
    assert paths.cores() is None
    assert paths.environment({"A": "1"})["TUI_TRAINER_CORES"] == "many"


class Started:
    """In place of processes: the records that they hold."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writers: dict[str, log.Writer] = {}
        self.seen: list[Mapping[str, str] | None] = []
        self.refuses = 0
        monkeypatch.setattr(parallel, "background", self)

    def __call__(self, run: Run, resume: Resume | None, more: Mapping[str, str] | None) -> int:
        if self.refuses:
            self.refuses -= 1
            raise StoreError(f"run {run.id} does not go on in the background: no luck")
        self.seen.append(more)
        write = self.writers[run.name] = log.Writer(run.events)
        write(made.started())
        return 1

    def end(self, run: Run) -> None:
        write = self.writers.pop(run.name)
        write(RunEnded(10, 4, "finished", 60.0, 0.8, 4, 0.5, 0.8, 0.5))
        write.close()


def test_as_many_go_on_at_once_as_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    started, queue = Started(monkeypatch), queue_of()
    crew = Parallel(queue, 2)
    first, second = crew.fill(), crew.fill()
    assert first is not None
    assert second is not None
    assert crew.fill() is None
    assert ([one.run for one in crew.live], queue.number, queue.over) == ([first.run, second.run], 2, False)
    assert crew.ended() == []
    started.end(first.run)
    assert crew.ended() == [first]
    third = crew.fill()
    assert third is not None
    assert [one.planned.label for one in (first, second, third)] == ["lr 0.1", "lr 0.2", "lr 0.3"]
    crew.stop()
    assert [run.commands.exists() for run in (first.run, second.run, third.run)] == [False, True, True]
    for one in (second, third):
        started.end(one.run)
    assert len(crew.ended()) == 2
    assert queue.over
    assert started.seen == [{"TUI_TRAINER_CORES": "2"}] * 3


def test_one_that_was_being_begun_when_all_were_stopped_is_stopped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(monkeypatch)
    crew = Parallel(queue_of(), 2)

    def begin(run: Run, resume: Resume | None, more: Mapping[str, str] | None) -> int:
        crew.stop()
        return started(run, resume, more)

    monkeypatch.setattr(parallel, "background", begin)
    begun = crew.fill()
    assert begun is not None
    assert log.Tail(begun.run.commands, COMMANDS)() == [Stop()]
    started.end(begun.run)


def test_who_goes_on_after_this_process_was_killed_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    started, queue = Started(monkeypatch), queue_of()
    crew = Parallel(queue, 2)
    first, second = crew.fill(), crew.fill()
    assert first is not None
    assert second is not None
    queue.let_go()  # the process is gone, what it began is not
    later = queue_of()
    crew = Parallel(later, 2)
    assert [one.elsewhere for one in (crew.fill(), crew.fill()) if one is not None] == [True, True]
    assert crew.fill() is None
    for one in (first, second):
        started.end(one.run)
    assert len(crew.ended()) == 2
    third = crew.fill()
    assert third is not None
    assert (third.planned.label, third.elsewhere) == ("lr 0.3", False)
    started.end(third.run)


def test_one_that_cannot_be_begun_gives_its_place_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    started, queue = Started(monkeypatch), queue_of()
    started.refuses = 1
    crew = Parallel(queue, 2)
    with pytest.raises(StoreError, match="no luck"):
        crew.fill()
    second, third = crew.fill(), crew.fill()
    assert [one.planned.label for one in (second, third) if one is not None] == ["lr 0.2", "lr 0.3"]
    for one in (second, third):
        assert one is not None
        started.end(one.run)
    assert [one.label for one in queue_of().waiting] == ["lr 0.1"]


ADDING = """
import sys
from pathlib import Path
from tui_trainer.runs import swept
from tui_trainer.runs.store import Run

record = swept.Swept(Path(sys.argv[1]), "rates", {}, 0.0)
for step in range(50):
    record.add(("lr " + sys.argv[2], step), Run(Path(f"run-{step}")))
"""


def test_a_record_that_grows_from_several_processes_stays_right() -> None:
    record = swept.begin("rates", {})
    with (record.folder / swept.FILE).open("a") as file:
        file.write('{"label": "torn')
    processes = [subprocess.Popen([sys.executable, "-c", ADDING, str(record.folder), str(number)]) for number in range(3)]
    assert [one.wait(60) for one in processes] == [0, 0, 0]
    lines = (record.folder / swept.FILE).read_text().splitlines()
    assert lines[1] == '{"label": "torn'
    assert len([line for line in lines if line.endswith("}")]) == 151
