"""`sweep` on the command line: little runs on digits, one after another, interrupted, failed, repeated, printed."""

from __future__ import annotations

import csv
import io
import json
import signal
from pathlib import Path

import pytest

from tui_trainer import paths, session, sweeps
from tui_trainer.cli import main
from tui_trainer.console import beside
from tui_trainer.runs import store, swept
from tui_trainer.runs.store import Run
from tui_trainer.sweeps import Entry, Published, Sweep

TINY = """
about = "Three little nets"
source = "a book | two"
note = "ours"
base = { dataset = "digits", preset = "linear", steps = 2, threads = "1", device = "cpu" }

[[runs]]
label = "first"
published = { test_accuracy = 0.5, best_val_accuracy = 0.4 }

[[runs]]
label = "second"
seed = 3
published = { target = 0.99, classes = { 0 = 0.7, 1 = 0.6 } }

[[runs]]
label = "third"
preset = "mlp"
"""
RAISING = '''"""Cannot be built."""
DEFAULTS = {"dataset": "digits"}
def build(input_shape, num_classes):
    """Nothing."""
    raise RuntimeError("no net today")
'''


@pytest.fixture(autouse=True)
def tiny() -> Path:
    path = paths.your_presets() / "sweeps" / "tiny.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TINY, encoding="utf-8")
    return path


def test_a_sweep_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "tiny"]) == 0
    said = capsys.readouterr().out
    runs = list(reversed(store.everything()))
    assert [run.config().preset for run in runs] == ["linear", "linear", "mlp"]
    assert "tiny: Three little nets\n3 runs, how long they take is not known" in said
    assert "Ctrl+C stops, and keeps what is there; to go on: tui-trainer sweep tiny\n" in said
    assert f"2/3  second  run {runs[1].id}" in said
    assert "; test " in said
    assert ", published 50.0 %" in said
    table = said[said.index("\nrun ") :].splitlines()
    assert table[1].split() == ["run", "figure", "published", "measured", "points", "time", "record"]
    assert [line.split()[0] for line in table if runs[0].id in line or runs[2].id in line] == ["first", "third", "A", "C"]
    assert any(line.startswith("second  target, validation     99.0 %") and "✕" in line for line in table)
    assert any(line.split()[:4] == ["second", "0", "70.0", "%"] for line in table)
    assert [line for line in table if line.startswith(("note", "published:"))] == ["note: ours", "published: a book | two"]
    assert "3 runs on digits" in table
    (best,) = [line for line in table if line.startswith("A  ")]
    assert best.split()[:3] == ["A", runs[0].id, "first"]
    assert "verdict" in table
    assert table[-1] == "to repeat it: tui-trainer sweep tiny --again"

    assert main(["sweep", "tiny"]) == 0
    said = capsys.readouterr().out
    assert "3 of 3 runs are there already, just now; --again starts over" in said
    assert len(store.everything()) == 3

    assert main(["sweep"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tiny (yours)")]
    assert "3  3 of 3, just now, within " in line

    assert main(["sweep", "tiny", "--again", "--only", "first", "-q"]) == 0
    said = capsys.readouterr().out
    assert "\n1 run on digits\n" in said
    assert said.startswith("\nrun ")
    assert "second" not in said
    assert len(store.everything()) == 4


def test_json_and_markdown_keep_the_rest_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "tiny", "--only", "second", "--seeds", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["sweep"], found["about"], found["given"]) == ("tiny", "Three little nets", {})
    (run,) = found["runs"]
    assert (run["label"], len(run["records"]), run["settings"]["seed"]) == ("second", 2, 3)
    assert {one.config().seed for one in store.everything()} == {3, 4}
    (target,) = run["figures"]
    assert (target["figure"], target["published"], target["holds"], len(target["measured"])) == (
        "target, validation",
        0.99,
        False,
        2,
    )
    assert [one["figure"] for one in run["classes"]] == ["0", "1"]
    assert "1/2  second, seed 3  run " in err
    assert "to go on: tui-trainer sweep tiny --only second --seeds 2\n" in err

    assert main(["sweep", "tiny", "--only", "second", "--seeds", "2", "--markdown", "-q"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "**tiny**: Three little nets"
    assert lines[2:4] == ["| run | figure | published | measured | points | time | record |", "|---|---|---:|---:|---:|---:|---|"]
    assert lines[4].startswith("| second | target, validation | 99.0 % | ")
    assert "- published: a book \\| two" in lines
    assert lines[-1].startswith("- one setting, nothing to judge: ")
    assert err == ""


def test_a_published_figure_that_is_none_is_null_in_json() -> None:
    entry = Entry("one", {"preset": "linear"}, Published(loss=float("nan"), steps=(float("inf"),)))
    found = beside.as_json(Sweep("tiny", Path(), entries=(entry,)), [entry], {})
    assert '"published": null' in json.dumps(found, allow_nan=False)


def test_lists_make_a_sweep_that_goes_on_under_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "linear", "--dataset", "digits", "--lr", "1e-3,1e-2", "--seeds", "2", "--steps", "2", "--threads", "1"]
    assert main([*words, "--csv", "-q"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sorted((row["setting"], row["seed"]) for row in rows) == [
        ("lr 0.001", "0"),
        ("lr 0.001", "1"),
        ("lr 0.01", "0"),
        ("lr 0.01", "1"),
    ]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "2 rates\n4 of 4 runs are there already, just now; --again starts over" in said
    assert "4 runs on digits, 2 settings" in said
    name = said.partition(":")[0]
    assert said.endswith(f"to repeat it: tui-trainer sweep {name} --seeds 2 --again\n")
    assert main(["sweep", name, "-q", "--json"]) == 0  # with its seeds, though they are not said again
    found = json.loads(capsys.readouterr().out)
    assert (found["sweep"], [len(one["records"]) for one in found["runs"]]) == (name, [2, 2])
    assert sorted(row["run"] for row in rows) == sorted(one["run"] for one in found["comparison"]["runs"])
    best = {one["letter"]: one["best"] for one in found["comparison"]["settings"]}
    assert {row["letter"]: float(row["mean_best"]) for row in rows} == pytest.approx(best)
    assert main(["sweep"]) == 0
    assert any(line.startswith(f"{name} ") and "2 rates" in line for line in capsys.readouterr().out.splitlines())


def test_a_name_keeps_the_lists_as_a_file_and_seeds_alone_are_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "linear", "--dataset", "digits", "--steps", "1", "--threads", "1", "-q", "--name", "rates"]
    assert main([*words, "--lr", "0.1,0.2"]) == 0
    assert sweeps.find("rates").entries[1].settings["lr"] == 0.2
    assert main([*words, "--lr", "0.1,0.3"]) == 2
    assert "there is another sweep rates in " in capsys.readouterr().err
    assert main([*words[:-2], "--seeds", "2"]) == 0
    assert "2 runs on digits" in capsys.readouterr().out
    assert sorted(run.config().seed for run in store.everything()) == [0, 0, 0, 1]


def test_the_worse_half_is_stopped_and_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "linear", "--dataset", "digits", "--lr", "1e-2,1e-3,1e-6", "--steps", "40", "--threads", "1", "--halving"]
    assert main([*words, "--presets", "."]) == 0
    said = capsys.readouterr().out
    name = said.partition(":")[0]
    assert f"; to go on: tui-trainer sweep {name} --presets .\n" in said
    assert said.endswith(f"to repeat it: tui-trainer sweep {name} --presets . --halving --again\n")
    assert "the worse half is stopped after 20 of 40 steps" in said
    assert "the better half goes on: lr 0.01; lr 0.001\n     lr 1e-06: stopped at 20 of 40 steps: 3rd of 3" in said
    states = {store.summary(run).config.lr: (store.summary(run).status, store.summary(run).steps) for run in store.everything()}
    assert states == {1e-2: ("finished", 40), 1e-3: ("finished", 40), 1e-6: ("stopped", 20)}
    assert main(words) == 0  # nothing is left
    assert len(store.everything()) == 3
    assert main(["sweep", name, "--only", "lr 1e-06", "-q"]) == 0  # that one alone, to the end
    assert {store.summary(run).status for run in store.everything()} == {"finished"}
    assert main(["sweep", name, "--only", "lr 1e-06", "--halving"]) == 2
    assert "the worse half is that of all settings" in capsys.readouterr().err
    assert swept.everything()[0].told().manner.halving
    assert main([*words[:-1], "--no-halving"]) == 0
    assert len(store.everything()) == 3


def test_settings_given_take_the_place_of_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "tiny", "--only", "third", "--steps", "1", "--set", "width=5", "--dataset", "points", "-q"]) == 0
    config = store.find("last").config()
    assert (config.steps, config.knobs["width"], config.dataset) == (1, 5, "points")


def test_an_interrupted_sweep_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = session.see_through

    def interrupted(run: Run, *sinks: session.host.Sink, resume: session.Resume | None = None) -> None:
        if run.config().seed == 3:
            signal.raise_signal(signal.SIGINT)
        real(run, *sinks, resume=resume)

    monkeypatch.setattr(session, "see_through", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    try:
        assert main(["sweep", "tiny"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    said = capsys.readouterr().out
    assert "stopped; this goes on where it was: tui-trainer sweep tiny" in said
    assert "not run" in said
    assert [store.summary(run).status for run in store.everything()] == ["stopped", "finished"]
    monkeypatch.setattr(session, "see_through", real)
    assert main(["sweep", "tiny"]) == 0
    said = capsys.readouterr().out
    assert "1 of 3 runs is there already, just now; going on with 2" in said
    assert "2/3  second" in said
    assert [store.summary(run).status for run in store.everything()] == ["finished", "finished", "finished"]


def test_a_run_that_fails_does_not_stop_the_others(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (paths.your_presets() / "raising.py").write_text(RAISING)
    tiny.write_text(TINY.replace("seed = 3", 'preset = "raising"'))
    assert main(["sweep", "tiny"]) == 1
    said = capsys.readouterr().out
    assert [store.summary(run).status for run in store.everything()] == ["finished", "failed", "finished"]
    assert "✕ failed: " in said
    assert "RuntimeError: no net today" in said[said.index("third ") :]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tin"], "there is no sweep 'tin'; did you mean tiny?"),
        (["tiny", "--only", "frist"], "tiny has no run 'frist'; did you mean first? there are first, second, third"),
        (["tiny", "--lr", "77"], "--lr 77: a number above 0"),
        (["tiny", "--seeds", "0"], "--seeds 0: a whole number, 1 to 100"),
        (["tiny", "--dataset", "folder:/nowhere"], "--dataset folder:/nowhere: there is no folder"),
        (["tiny", "--sed", "1"], "there is no option --sed; did you mean --se"),
        (["broken"], "broken.toml, base lr: a number above 0"),
        (["knobs"], "sweep knobs, 'one': wdth: linear has no knob 'wdth'"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], said: str, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny.parent / "broken.toml").write_text('base = { preset = "mlp", lr = -1 }')
    (tiny.parent / "knobs.toml").write_text('base = { preset = "linear", knobs = { wdth = 1 } }\n[[runs]]\nlabel = "one"\n')
    assert main(["sweep", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"tui-trainer: {said}" in err
    assert store.everything() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["linear", "--lr", "0.1,x"], "lr: x: a number above 0"),
        (["linear,mlp,mlp"], "preset: mlp stands there twice"),
        (["linear,nosuch", "--dataset", "digits"], "preset: there is no preset 'nosuch'"),
        (["linear", "--parallel", "2"], "--parallel is of sweeps: give a setting as a list"),
        (["linear", "--lr", "0.1,0.2", "--detach"], "--detach is of one run"),
        (["linear", "--lr", "0.1,0.2", "--csv", "--json"], "--json or --csv, one of them"),
        (["linear", "--lr", "0.1,0.2", "--halving"], "at least 3 are needed, not 2"),
        (["linear", "--lr", "0.1,0.2", "--parallel", "99", "--device", "cpu"], "--parallel 99: here "),
        (["linear", "--seeds", "none"], "--seeds none: a whole number, 1 to 100"),
        (["linear", "--lr", "0.1,0.2", "--name", "../x"], "a sweep cannot be called '../x'"),
    ],
)
def test_lists_that_cannot_be_are_refused_in_a_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *words, *([] if "--dataset" in words else ["--dataset", "digits"])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert store.everything() == []


def test_a_broken_file_is_a_line_in_the_list(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.write_text("about = [")
    assert main(["sweep"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tiny")]
    assert "✕ tiny.toml is not TOML" in line


def test_a_home_that_cannot_be_written_ends_the_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    paths.runs().write_text("a file where a folder should be")
    assert main(["sweep", "tiny"]) == 1
    assert "no run can be made in" in capsys.readouterr().out
