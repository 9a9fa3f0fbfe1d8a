"""A run from outside: checked, started, followed, steered, and every way in which it can end told in its record."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_trainer import commands, paths, session
from tui_trainer.config import ConfigError
from tui_trainer.events import Event, Noted, RunEnded, RunStarted, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import asides, recorder

NET = """
from torch import nn
def build(input_shape, num_classes, *, width: int = 8):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))
"""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def make(text: str = NET, **settings: object) -> tuple[session.Setup, Run]:
    """A run of a preset of this text, ready to start."""
    path = paths.your_presets() / "mine.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    setup = session.configure({"preset": "mine", "dataset": "digits", "device": "cpu", "threads": 1} | settings)
    return setup, store.create(setup.config, setup.preset.path)


def until(true: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def last(run: Run) -> RunEnded:
    event = log.Tail(run.events)(1 << 30)[-1]
    assert isinstance(event, RunEnded)
    return event


def problems(**raw: object) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        session.configure(raw)
    return caught.value.problems


# What is given


def test_given_lies_over_the_preset_and_that_over_ours() -> None:
    setup = session.configure({"preset": "linear", "batch_size": "64", "seed": None})
    assert (setup.config.dataset, setup.config.optimizer, setup.config.lr) == ("digits", "sgd", 0.05)
    assert (setup.config.batch_size, setup.config.seed) == (64, 0)
    assert setup.config.knobs == {"bias": True}
    assert sum(setup.splits) == 1797


def test_a_budget_that_is_given_replaces_that_of_the_preset() -> None:
    assert session.configure({"preset": "linear", "seconds": "2"}).config.budget == ("seconds", 2.0)


def test_knobs_take_the_type_of_their_default() -> None:
    assert session.configure({"preset": "cnn", "knobs": {"width": "8"}}).config.knobs == {"width": 8, "dense": 64, "dropout": 0.0}


def test_all_problems_are_told_at_once() -> None:
    found = problems(preset="cnm", dataset="digts", lr="nan", foo=3)
    assert set(found) == {"preset", "dataset", "lr", "foo"}
    assert "did you mean cnn?" in found["preset"]
    assert "did you mean digits?" in found["dataset"]


def test_knobs_that_are_wrong_are_told_by_name() -> None:
    found = problems(preset="cnn", knobs={"wdith": 3, "width": "many", "lr": 1})
    assert "did you mean width?" in found["wdith"]
    assert found["width"] == "a whole number, such as 16"
    assert "give it as --lr" in found["lr"]


def test_a_batch_larger_than_the_data_is_refused() -> None:
    assert problems(preset="cnn", batch_size=1295) == {
        "batch_size": "a whole number, 1 to 1 294: digits has so many training samples"
    }
    assert session.configure({"preset": "cnn", "batch_size": 1294}).config.batch_size == 1294


def test_a_preset_that_cannot_be_read_is_a_problem_of_the_preset() -> None:
    path = paths.your_presets() / "broken.py"
    path.parent.mkdir(parents=True)
    path.write_text("def build(:\n")
    assert problems(preset="broken", dataset="digits") == {"preset": "broken.py line 1: invalid syntax"}


def test_nesterov_of_a_preset_goes_with_its_optimizer() -> None:
    path = paths.your_presets() / "mine.py"
    path.parent.mkdir(parents=True)
    path.write_text("DEFAULTS = {'dataset': 'digits', 'optimizer': 'sgd', 'nesterov': True}\n" + NET)
    assert session.configure({"preset": "mine"}).config.nesterov
    assert not session.configure({"preset": "mine", "optimizer": "adam"}).config.nesterov
    assert "nesterov" in problems(preset="mine", optimizer="adam", nesterov=True)


def test_nothing_given_says_what_is_missing() -> None:
    assert problems() == {"preset": "none is given", "dataset": "none is given"}


def test_a_folder_of_presets_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="presets: there is no folder"):
        session.configure({"preset": "cnn"}, [tmp_path / "nowhere"])


def test_settings_of_the_dataset_are_checked_and_kept_whole() -> None:
    setup = session.configure({"preset": "mlp", "dataset": "points", "data": {"kind": "spirals", "size": "300"}})
    assert setup.config.data == {"kind": "spirals", "noise": 0.1, "size": 300}
    assert setup.splits == (270, 30, 75)
    assert len(setup.dataset.classes) == 3


def test_settings_of_the_dataset_that_are_wrong_are_told_by_name() -> None:
    assert problems(preset="mlp", dataset="points", data={"noise": 9}) == {"data.noise": "a number, 0 to 2"}
    assert "it has no settings of its own" in problems(preset="mlp", dataset="digits", data={"noise": 1})["data.noise"]
    assert "by name" in problems(preset="mlp", dataset="digits", data=3)["data"]


def test_a_folder_is_kept_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "pets" / name / f"{number}.png").touch()
    monkeypatch.chdir(tmp_path)
    setup = session.configure({"preset": "mlp", "dataset": "folder:pets", "batch_size": 8, "image_size": 16})
    assert setup.config.dataset == f"folder:{tmp_path / 'pets'}"
    assert setup.config.image_size == 16


def test_what_only_pictures_or_classes_have_is_refused_for_the_rest() -> None:
    found = problems(preset="mlp", dataset="sine", flip=True, mixup=True, label_smoothing=0.1, image_size=32)
    assert set(found) == {"flip", "mixup", "label_smoothing", "image_size"}
    assert found["label_smoothing"] == "0: sine has numbers to predict, and no classes"


# Here and now


def test_training_writes_the_record_and_tells_whoever_listens() -> None:
    _, run = make(epochs=2)
    seen: list[Event] = []
    session.train(run, seen.append)
    assert last(run).reason == "finished"
    assert [type(event) for event in log.Tail(run.events)(1 << 30)] == [type(event) for event in seen]
    assert store.summary(run).status == "finished"
    assert not log.is_locked(run.events)


def test_a_listener_that_raises_is_dropped_and_noted() -> None:
    def broken(event: Event) -> None:
        heard.append(event)
        raise ValueError("no ink")

    _, run = make(epochs=1)
    heard: list[Event] = []
    session.train(run, broken)
    assert len(heard) == 1
    assert last(run).reason == "finished"
    notes = [event.text for event in log.Tail(run.events)(1 << 30) if isinstance(event, Noted)]
    assert notes == ["a listener was dropped: ValueError: no ink"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("    raise ValueError('no such width')", "no such width"),
        ("    raise SystemExit(3)", "3"),
        ("    return 3", "Module"),
        ("    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))", "3"),
        ("    1 / 0", "division by zero"),
    ],
)
def test_what_a_preset_raises_ends_the_run_with_a_sentence(body: str, error: str) -> None:
    _, run = make(f"from torch import nn\ndef build(input_shape, num_classes):\n{body}\n")
    session.train(run)
    end = last(run)
    assert end.reason == "failed"
    assert error in end.error
    assert "\n" not in end.error
    assert store.summary(run).error == end.error


def test_what_raises_in_the_middle_keeps_what_the_run_had_come_to() -> None:
    _, run = make(NET + "\ndef loss(outputs, targets):\n    calls.append(1)\n    if len(calls) > 60: raise RuntimeError('odd')\n"
                  "    return nn.functional.cross_entropy(outputs, targets)\ncalls = []\n", epochs=5)  # fmt: skip
    session.train(run)
    end = last(run)
    assert (end.reason, end.best_epoch, len(end.curve)) == ("failed", 1, 1)
    assert "odd" in end.error
    assert "Traceback" in end.traceback


def test_an_interrupt_is_recorded_and_raised() -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, Stepped):
            raise KeyboardInterrupt

    _, run = make(epochs=5)
    with pytest.raises(KeyboardInterrupt):
        session.train(run, interrupt)
    assert (last(run).reason, last(run).error) == ("abandoned", "interrupted")


def test_a_run_is_trained_once_at_a_time() -> None:
    _, run = make()
    with log.Writer(run.events), pytest.raises(StoreError, match="is being trained"):
        session.train(run)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_record_that_cannot_be_written_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.0)
    _, run = make()
    run.events.symlink_to("/dev/full")
    with pytest.raises(StoreError, match=rf"the record of run {run.id} cannot be written, so it ended: no space left"):
        session.train(run)


# In a thread


def test_a_session_follows_and_steers_its_run() -> None:
    _, run = make(seconds=600)
    hosted, watching = session.Session(run), session.Session(run)
    history = History()

    def follow() -> None:
        history.extend(hosted.poll())

    assert not hosted.hosted
    assert not watching.alive
    hosted.start()
    assert hosted.hosted
    until(lambda: (follow(), history.step)[1])
    assert watching.alive
    watching.send(commands.SetLearningRate(0.123))
    until(lambda: (follow(), history.lr)[1] == 0.123)
    hosted.send(commands.Pause())
    until(lambda: (follow(), history.paused)[1])
    assert store.summary(run).status == "paused"
    hosted.send(commands.Continue())
    until(lambda: (follow(), not history.paused)[1])
    watching.send(commands.Stop())
    assert hosted.wait(30)
    follow()
    assert history.ended is not None
    assert history.ended.reason == "stopped"
    assert hosted.behind() == 0
    assert not watching.alive
    assert watching.wait(0.1)
    assert hosted.problem == ""
    assert [type(event) for event in watching.poll()][1:] != []


def test_two_starts_are_one() -> None:
    _, run = make(epochs=1)
    hosted = session.Session(run)
    hosted.start()
    hosted.start()
    assert hosted.wait(30)
    assert sum(isinstance(event, RunStarted) for event in hosted.poll()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_thread_whose_record_cannot_be_written_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.0)
    _, run = make()
    run.events.symlink_to("/dev/full")
    hosted = session.Session(run)
    hosted.start()
    assert hosted.wait(30)
    assert "cannot be written" in hosted.problem
    assert not hosted.alive


def test_a_run_that_is_trained_here_obeys_where_its_commands_cannot_be_written() -> None:
    _, run = make(seconds=600)
    run.commands.mkdir()
    hosted = session.Session(run)
    history = History()

    def follow() -> None:
        history.extend(hosted.poll())

    hosted.start()
    until(lambda: (follow(), history.step)[1])
    hosted.send(commands.SetLearningRate(0.123))
    until(lambda: (follow(), history.lr)[1] == 0.123)
    hosted.send(commands.Stop())
    assert hosted.wait(60)
    follow()
    assert history.ended is not None
    assert (history.ended.reason, hosted.problem) == ("stopped", "")


def test_asking_a_run_that_is_gone_is_a_problem_and_no_crash() -> None:
    _, run = make()
    watching = session.Session(run)
    store.delete(run)
    watching.send(commands.Stop())
    assert "cannot be asked anything" in watching.problem
    assert watching.poll() == []


def test_prints_of_a_preset_go_into_its_console_log(capfd: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    _, run = make("print('made')\n" + NET, epochs=1)
    hosted = session.Session(run)
    hosted.start()
    assert hosted.wait(30)
    assert "made" in run.console.read_text()
    assert (sys.stdout, sys.stderr) == before
    assert capfd.readouterr() == ("", "")


def test_warnings_of_a_preset_become_notes() -> None:
    text = NET.replace("    return", "    import warnings\n    warnings.warn('old\\nways')\n    return")
    _, run = make(text, epochs=1)
    hosted = session.Session(run)
    with session.quiet():
        hosted.start()
        assert hosted.wait(30)
    (note,) = [event for event in hosted.poll() if isinstance(event, Noted)]
    assert (note.level, note.text.partition(" (")[0]) == ("warning", "old ways")


def test_warnings_are_heard_only_in_their_own_thread() -> None:
    heard: list[str] = []
    before = warnings.showwarning
    with session.quiet(), asides.hearing(heard.append):
        other = threading.Thread(target=warnings.warn, args=("from elsewhere",))
        other.start()
        other.join()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("from here", stacklevel=1)
    assert [text.partition(" (")[0] for text in heard] == ["from here"]
    assert warnings.showwarning is before


# Before a run


def test_torch_is_loaded_in_a_thread() -> None:
    torch = session.Torch()
    assert not torch.ready
    torch.start()
    assert torch.wait(60)
    assert torch.problem == ""
    assert torch.version[0].isdigit()


def test_the_libraries_of_torch_can_be_opened_before_it_is_imported(run_python: Callable[[str], str]) -> None:
    lines = (
        "import sys; from tui_trainer.session import Torch; torch = Torch(); torch.open()",
        "print('torch' in sys.modules); torch.start(); print(torch.wait(60), 'torch._dynamo' in sys.modules)",
        "torch._thread.join()",  # Python aborts when it ends under a thread that imports parts of torch; the program never ends so
    )
    assert run_python("; ".join(lines)).split() == ["False", "True", "False"]


def test_a_torch_that_cannot_be_loaded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tui_trainer.engine.trainer", None)
    torch = session.Torch()
    torch.start()
    assert not torch.wait(60)
    assert torch.problem.startswith("torch cannot be loaded")


def test_nothing_loads_torch_before_it_is_asked_to(run_python: Callable[[str], str]) -> None:
    assert run_python("import sys, tui_trainer.session; print(any(one in sys.modules for one in ('torch', 'numpy')))") == "False"


def test_preflight_measures_what_was_asked_last() -> None:
    flight = session.Preflight()
    first, _ = make()
    second, _ = make(batch_size=64)
    flight.ask(first)
    flight.ask(second)
    until(lambda: flight.result)
    assert flight.result is not None
    assert flight.result.key == second.config
    assert flight.result.problem == ""
    assert flight.result.parameters == 650
    version = flight.version
    flight.ask(second)
    assert flight.busy == ""
    assert flight.version == version


def test_preflight_says_what_is_wrong_with_a_preset() -> None:
    flight = session.Preflight()
    setup, _ = make("def build(input_shape, num_classes):\n    raise SystemExit('not today')\n")
    flight.ask(setup)
    until(lambda: flight.result)
    assert flight.result is not None
    assert "not today" in flight.result.problem


def test_preflight_gives_up_when_it_is_told_to() -> None:
    flight = session.Preflight()
    slow = NET.replace("    return", "    import time\n    time.sleep(0.2)\n    return")
    setup, _ = make(slow)
    flight.ask(setup)
    until(lambda: flight.busy)
    assert not flight.cancel(within=0)
    assert flight.cancel()
    assert flight.busy == ""
    assert flight.result is None
    flight.ask(setup)
    until(lambda: flight.result)


def test_a_run_starts_after_the_preflight_has_stopped() -> None:
    flight = session.Preflight()
    setup, run = make(epochs=1)
    flight.ask(setup)
    until(lambda: flight.busy or flight.result)
    hosted = session.Session(run)
    hosted.start(after=flight)
    assert hosted.wait(30)
    assert last(run).reason == "finished"
    assert flight.busy == ""


def test_what_was_measured_can_be_forgotten() -> None:
    flight = session.Preflight()
    setup, _ = make()
    flight.ask(setup)
    until(lambda: flight.result)
    version = flight.version
    flight.forget()
    assert flight.result is None
    assert flight.version > version
    flight.ask(setup)
    until(lambda: flight.result)


def test_there_is_a_processor_to_train_on() -> None:
    assert "cpu" in [device.name for device in session.devices()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process to end")
def test_a_process_that_is_told_to_end_ends_with_its_code(run_python: Callable[[str], str]) -> None:
    code = (
        "import subprocess, sys; print(subprocess.run([sys.executable, '-c', "
        "'import time; from tui_trainer import session; session.end_process(143, None, within=1, terminal_gone=True); print(1); "
        "time.sleep(60)'], timeout=50).returncode)"
    )
    assert run_python(code) == "143"
