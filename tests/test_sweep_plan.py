"""What was asked before a sweep, judged without a screen: fields, estimate, what is there already, the race."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from made import ended, evaluated, made, started
from tui_trainer import sweeps
from tui_trainer.app.sweep_plan import RACE, Judged, Typed, at_once, begun_before, judge
from tui_trainer.runs import swept
from tui_trainer.runs.swept import Manner
from tui_trainer.session import parallel
from tui_trainer.sweeps import Sweep


def sweep(**given: object) -> Sweep:
    found = sweeps.of_lists({"preset": "linear,mlp", "dataset": "digits", "lr": "1e-3,1e-2", "epochs": "8", **given})
    assert found is not None
    return found


def asked(*, of: Sweep | None = None, **typed: str) -> Judged:
    return judge(of or sweep(), replace(Typed(dataset="digits"), **typed))


def test_seeds_and_places_are_numbers_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    found = asked(seeds="3", parallel="2")
    assert (found.count, found.parallel, found.problems) == (12, 2, {})
    assert found.notes["parallel"].startswith("2 at most: each in a process of its own")
    assert found.state == "12 runs, how long is not known yet"
    assert asked(seeds="0", parallel="3").problems == {
        "seeds": "a whole number, 1 to 100",
        "parallel": "a whole number, 1 to 2",
    }
    setups = [one.setup for one in found.planned]
    assert at_once(setups, gpus=4) == (4, "each takes a GPU")
    fixed = [replace(one, config=one.config.but(device="cuda:0")) for one in setups]
    assert at_once(fixed, gpus=4) == (1, "all train on cuda:0, which one fills")
    wide = [replace(one, config=one.config.but(threads="2")) for one in setups]
    assert at_once(wide, gpus=0)[0] == 1


def test_what_cannot_be_halved_or_learned_from_is_said_at_its_field() -> None:
    assert asked(halving="yes").notes["halving"] == "the worse half is stopped after 2 and 4 of 8 epochs"
    assert "at least 3 are needed" in asked(of=sweep(lr="1e-3"), halving="yes").problems["halving"]
    assert asked(dataset="nope").problems["dataset"].startswith("there is no dataset 'nope'")


def test_two_to_four_settings_race_over_a_budget() -> None:
    found = asked(way=RACE, budget="50 000 samples")
    assert (found.queue, found.problems) == (None, {})
    assert found.budget is not None
    assert found.budget.unit == "samples"
    assert asked(way=RACE, budget="soon").problems == {"budget": "30 s, 2 min, 50 000 samples or 500 steps"}
    assert asked(of=sweep(batch_size="8,16"), way=RACE).problems == {"way": "two to 4 settings race, not 8"}
    assert asked(of=sweep(seed="0,1"), way=RACE).count == 4, "one run of each setting"


def test_what_is_there_is_not_run_again_and_its_manner_is_kept() -> None:
    mine = sweep(preset="linear")
    assert begun_before(mine) == Typed("digits")
    first = judge(mine, Typed(seeds="2")).planned[0]
    record = swept.begin(mine, {})
    record.set_manner(Manner(2, halving=False))
    settings = asdict(first.setup.config)
    record.add(first.key, made(settings.pop("preset"), started(), evaluated(epoch=8), ended(), **settings))
    typed = begun_before(mine)
    assert typed.seeds == "2"
    found = judge(mine, typed)
    assert found.queue is not None
    assert (found.count, len(found.queue.waiting)) == (4, 3)
    assert found.state.startswith("1 of 4 runs is there already, just now; 3 runs to go, about ")
    assert found.state.endswith(" of training, from earlier runs like these")
    again = judge(mine, typed, again=True)
    assert again.queue is not None
    assert len(again.queue.waiting) == 4
