"""`race` on the command line: lines while it goes on, who won at the end, and what a signal leaves."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
import time

import pytest

from races import MadeRace
from tui_trainer import paths, session
from tui_trainer.cli import main, racing
from tui_trainer.console import race as said
from tui_trainer.console import race_data
from tui_trainer.console.race_again import again
from tui_trainer.runs import store
from tui_trainer.session.race import Budget, Race, entrants

QUICK = ["--dataset", "digits", "--threads", "1", "--device", "cpu", "--precision", "fp32"]
GIVEN = {"preset": "linear,mlp", "dataset": "digits", "threads": "1", "device": "cpu", "precision": "fp32"}
BROKEN = "def build(input_shape, num_classes):\n    raise RuntimeError('no net today')\n"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def test_a_race_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["race", "linear,mlp", "--plain", *QUICK, "--steps", "60"]) == 0
    text = capsys.readouterr().out
    runs = {run.config().preset: run for run in store.everything()}
    lines = text.splitlines()
    assert lines[0] == "race on digits: linear · mlp"
    assert lines[1].startswith("60 steps each; they take turns on one device, from seed 0; Ctrl+C stops")
    over = next(line for line in lines if line.startswith("✓ "))
    assert ", after " in over
    rows = [line for line in lines if line.endswith((runs["linear"].id, runs["mlp"].id)) and "compare" not in line]
    assert len([row for row in rows if "%" in row]) == 2
    assert f"tui-trainer compare {runs['linear'].id} {runs['mlp'].id}" in text
    assert str(paths.short(runs["mlp"].folder)) in text
    again = next(line for line in lines if "  again" in line)
    words = shlex.split(again.split("again", 1)[1])
    assert words[:3] == ["tui-trainer", "race", "linear,mlp"]
    assert words[-2:] == ["--steps", "60"]
    assert words[words.index("--seed") + 1] == "0"
    assert len([line for line in lines if "tui-trainer train " in line and "--steps 60" in line]) == 2
    assert main([*words[1:], "--json"]) == 0
    captured = capsys.readouterr()
    assert "race on digits" in captured.err
    told = json.loads(captured.out)
    assert (told["race"], told["budget"]) == ("race-digits", {"unit": "steps", "amount": 60.0})
    best = max(told["lanes"], key=lambda lane: (lane["accuracy"], -lane["loss"]))
    assert told["leader"] == best["label"]
    for lane in told["lanes"]:
        run = store.find(lane["run"])
        assert (lane["state"], lane["steps"], lane["share"], str(run.folder)) == ("done", 60, 1.0, lane["folder"])
        assert lane["curve"][-1]["steps"] == 60
        assert lane["curve"][-1]["accuracy"] == lane["accuracy"]
        assert lane["gap"] == pytest.approx(lane["accuracy"] - best["accuracy"])
        assert store.summary(run).last_accuracy == lane["accuracy"]


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ([], "which presets? for example tui-trainer race linear,mlp,cnn"),
        (["linear"], "two to 4 settings race, not 1"),
        (["linear,mlp", "--seed", "1,2"], "the same seed"),
        (["linear,mlp", "--dataset", "digits,points"], "the same dataset"),
        (["linear,mlp", "--seconds", "0"], "--seconds: a number above 0"),
        (["linear,mlp", "--steps", "1.5"], "--steps: a whole number"),
        (["linear,mlp", "--steps", "5", "--samples", "5"], "not allowed with"),
        (["linear,mpl"], "did you mean mlp?"),
        (["linear,mlp", "--lr", "1,nan"], "lr"),
    ],
)
def test_what_cannot_race_is_refused(words: list[str], right: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["race", *words]) == 2
    assert right in capsys.readouterr().err
    assert store.everything() == []


def test_one_that_fails_makes_the_race_fail_and_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    path = paths.your_presets() / "broken.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BROKEN, encoding="utf-8")
    assert main(["race", "linear,broken", "-q", *QUICK, "--samples", "2000"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("✓ linear is the only one that got to the end")
    assert "broken is out: preset broken, line 2: RuntimeError: no net today" in text
    assert "compare" not in text


def test_a_home_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TUI_TRAINER_HOME", f"{os.devnull}/nowhere")
    assert main(["race", "linear,mlp", *QUICK]) == 1
    assert "no run can be made in " in capsys.readouterr().err


def test_what_is_not_finite_is_null_in_json() -> None:
    race = MadeRace()
    race.begin(task="regression")
    race.poll()
    race.go(0, 0.5, float("inf"))
    race.end(0, "diverged")
    race.poll()
    lane = json.loads(race_data.as_json(race))["lanes"][0]
    assert (lane["state"], lane["loss"], [spot["loss"] for spot in lane["curve"]]) == ("diverged", None, [0.5, None])


def test_a_signal_stops_all_and_keeps_them(capsys: pytest.CaptureFixture[str]) -> None:
    race = Race(entrants(GIVEN), Budget("seconds", 1000), given=GIVEN)

    def interrupt() -> None:
        end = time.monotonic() + 30
        while not (race.racing and race.clock > 0) and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=interrupt, daemon=True).start()
    assert said.race(race, said.Manner()) == 143
    text = capsys.readouterr().out
    assert "\n‖ " in text
    assert all(store.summary(run).status == "stopped" for run in store.everything())
    assert not race.alive


def test_on_a_terminal_the_screen_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_trainer.app import app

    seen: dict[str, object] = {}

    class Over(Exception):
        pass

    def run(given: object, **more: object) -> None:
        seen.update(more)
        raise Over

    monkeypatch.setattr(racing, "can_draw", lambda: True)
    monkeypatch.setattr(app, "run", run)
    with pytest.raises(Over):
        main(["race", "linear,mlp", "--theme", "light", *QUICK])
    race = seen["race"]
    assert isinstance(race, Race)
    assert (race.budget, race.labels, seen["theme"]) == (Budget("seconds", 20.0), ("linear", "mlp"), "light")
    assert not race.alive


def test_what_a_second_looks_like() -> None:
    race = Race(entrants(GIVEN), Budget("seconds", 20), given=GIVEN)
    assert said.moment(race) == "0.0 s of 20 s     linear       ·    0 %     mlp       ·    0 %"
    words = shlex.split(again(race))
    assert {*words[3::2]} == {"--dataset", "--seed", "--threads", "--device", "--precision", "--seconds"}


@pytest.mark.parametrize(
    "given",
    [
        {"preset": "linear,mlp,cnn", "dataset": "digits", "seed": "5"},
        {"preset": "mlp", "dataset": "digits", "lr": "0.1,0.01", "seed": "0", "knobs": {"width": "8,16", "layers": "1"}},
        {"preset": "linear,mlp", "dataset": "digits", "seed": "0", "flip": True, "lr": "0.125"},
        {"preset": "mlp", "dataset": "points", "seed": "0", "data": {"kind": "moons"}, "optimizer": "sgd,adam"},
    ],
)
def test_a_race_that_was_not_typed_is_repeated_by_lists(given: dict[str, object]) -> None:
    race = Race(entrants(given), Budget("samples", 1234))
    words = shlex.split(again(race))
    asked: dict[str, object] = {}

    def run(here: Race, manner: object) -> int:
        asked.update({"configs": [setup.config for setup in here.setups], "budget": here.budget})
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(said, "race", run)
        assert main([*words[1:], "-q"]) == 0
    assert asked == {"configs": [setup.config for setup in race.setups], "budget": race.budget}


def test_what_no_lists_give_has_no_command_of_its_own() -> None:
    setups = [
        session.configure({"preset": "linear", "dataset": "digits", "lr": 0.5}),
        session.configure({"preset": "mlp", "dataset": "digits", "lr": 0.25}),
    ]
    assert again(Race(setups, Budget("steps", 5))) == ""
