"""Sweep files: what they may say, what is said of those that say something else, and that the shipped ones can be run."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tui_trainer import config, datasets, paths, sweeps
from tui_trainer.session import sweeping
from tui_trainer.sweeps import Published, SweepError

SHIPPED = [sweeps.read(path) for path in sorted((paths.shipped_presets() / "sweeps").glob("*.toml"))]

RUNS = """
about = "Two nets"
source = "a book"
note = "rates are ours"

[base]
dataset = "digits"
preset = "mlp"
epochs = 5
knobs = { width = 8, layers = 1 }

[[runs]]
label = "narrow"
published = { test_accuracy = 0.9, target = 0.8, classes = { 0 = 0.5 }, note = "about" }

[[runs]]
label = "wide"
steps = 20
knobs = { width = 64 }
published = { steps = [0.2, nan, 0.4], parameters = { "x[0]" = 1 }, loss = 3 }
"""


def written(text: str, name: str = "mine") -> Path:
    path = paths.your_presets() / "sweeps" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_runs_stand_over_a_base_with_what_was_published() -> None:
    sweep = sweeps.read(written(RUNS))
    assert (sweep.problem, sweep.about, sweep.source, sweep.note) == ("", "Two nets", "a book", "rates are ours")
    narrow, wide = sweep.entries
    assert narrow.settings == {"dataset": "digits", "preset": "mlp", "epochs": 5, "knobs": {"width": 8, "layers": 1}}
    assert narrow.published == Published(test_accuracy=0.9, target=0.8, classes={"0": 0.5}, note="about")
    assert wide.settings == {"dataset": "digits", "preset": "mlp", "steps": 20, "knobs": {"width": 64, "layers": 1}}
    assert wide.published.loss == 3
    assert wide.published.parameters == {"x[0]": 1.0}
    assert math.isnan(wide.published.steps[1])


def test_a_grid_is_every_combination_with_labels_of_its_own() -> None:
    sweep = sweeps.read(written('base = { preset = "mlp", dataset = "digits" }\n[grid]\nlr = [0.1, 0.01]\nknobs.width = [8, 16]\n'))
    assert [entry.label for entry in sweep.entries] == [
        "lr 0.1, width 8",
        "lr 0.1, width 16",
        "lr 0.01, width 8",
        "lr 0.01, width 16",
    ]
    assert sweep.entries[1].settings == {"preset": "mlp", "dataset": "digits", "lr": 0.1, "knobs": {"width": 16}}


def test_a_grid_goes_over_named_runs_too_and_a_base_alone_is_one_run() -> None:
    both = sweeps.read(
        written('base.preset = "mlp"\n[grid]\nlr = [0.1, 1]\n[[runs]]\nlabel = "a"\n[[runs]]\nlabel = "b"\nepochs = 2\n')
    )
    assert [entry.label for entry in both.entries] == ["a, lr 0.1", "a, lr 1", "b, lr 0.1", "b, lr 1"]
    (alone,) = sweeps.read(written('base.preset = "mlp"\n')).entries
    assert alone.settings == {"preset": "mlp"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about = 'x'\n[base\n", "mine.toml is not TOML: "),
        ("abuot = 'x'", "mine.toml, abuot: there is no such key; did you mean about? "),
        ("about = 3", "about: text in quotes"),
        ("base = 3", "base: a table is needed"),
        ("base.dataset = 'digits'", "base: which preset?"),
        ("base = { preset = 'mlp', lr = 77 }", "base lr: a number above 0"),
        ("base = { preset = 'mlp', rate = 1 }", "base rate: there is no such setting"),
        ("base = { preset = 'mlp', lrr = 1 }", "base lrr: there is no such setting; did you mean lr?"),
        ("base = { preset = 'mlp', knobs = 3 }", "base knobs: a table is needed"),
        ("base = { preset = 'mlp', knobs = { width = [1] } }", "base knobs.width: a number, text, true or false"),
        ("base = { preset = 'mlp', epochs = 1, steps = 3 }", "base steps: give one budget"),
        ("base.preset = 'mlp'\n[[runs]]\nlr = -1", "runs 1 lr: a number above 0"),
        ("base.preset = 'mlp'\nruns = []", "runs: tables of settings, each under [[runs]]"),
        ("base.preset = 'mlp'\nruns = 'all'", "runs: tables of settings"),
        ("base.preset = 'mlp'\n[[runs]]\nlabel = 'a'\n[[runs]]\nlabel = 'a'", "label: 'a' stands for two runs"),
        (
            "base.preset = 'mlp'\n[[runs]]\npublished.test_accuracy = 75.8",
            "runs 1 published test_accuracy: a share from 0 to 1; 75.8 % is 0.758",
        ),
        ("base.preset = 'mlp'\n[[runs]]\npublished.test_acuracy = 0.7", "did you mean test_accuracy?"),
        ("base.preset = 'mlp'\n[[runs]]\npublished.classes = 1", "runs 1 published classes: a table is needed"),
        ("base.preset = 'mlp'\n[[runs]]\npublished.classes.cat = 'half'", "runs 1 published classes.cat: a number"),
        ("base.preset = 'mlp'\n[[runs]]\npublished.steps = []", "runs 1 published steps: a list of values"),
        ("base.preset = 'mlp'\n[[runs]]\npublished.at_most = 1", "runs 1 published at_most: true or false"),
        ("base.preset = 'mlp'\n[grid]\nlr = 0.1", "grid lr: a list of values"),
        ("base.preset = 'mlp'\n[grid]\nknobs.width = 3", "grid knobs.width: a list of values"),
        (
            "base.preset = 'mlp'\n[grid]\nlr = [0.1]\n[[runs]]\npublished.loss = 1",
            "runs 1 published: belongs to runs without a grid",
        ),
        (f"base.preset = 'mlp'\n[grid]\nseed = {list(range(1200))}", "grid: a sweep has 1000 runs at most"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(text: str, said: str) -> None:
    sweep = sweeps.read(written(text))
    assert said in sweep.problem
    assert sweep.problem.startswith("mine.toml")
    with pytest.raises(SweepError, match=r"mine\.toml"):
        sweeps.find("mine")


def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path) -> None:
    written("").write_bytes(b"about = '\xff'")
    assert "is not TOML" in sweeps.read(paths.your_presets() / "sweeps" / "mine.toml").problem
    assert "cannot be read" in sweeps.read(tmp_path / "gone.toml").problem


def test_yours_wins_and_a_further_folder_wins_over_it(tmp_path: Path) -> None:
    name = SHIPPED[0].name
    assert not sweeps.find(name).yours
    written('about = "mine"\nbase.preset = "mlp"\n', name)
    assert (sweeps.find(name).about, sweeps.find(name).yours) == ("mine", True)
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / f"{name}.toml").write_text('about = "further"\nbase.preset = "mlp"\n')
    assert sweeps.find(name, [tmp_path]).about == "further"


def test_a_name_that_is_not_there_gets_the_nearest() -> None:
    with pytest.raises(SweepError, match="there is no sweep 'day1-mnst'; did you mean day1-mnist"):
        sweeps.find("day1-mnst")


@pytest.mark.parametrize("sweep", SHIPPED, ids=lambda one: one.name)
def test_a_shipped_sweep_can_be_run(sweep: sweeps.Sweep) -> None:
    assert sweep.problem == ""
    assert sweep.about
    assert sweep.source
    assert not sweep.yours
    planned = sweeping.plan(sweep, {})
    assert [one.label for one in planned] == [entry.label for entry in sweep.entries]
    for entry, one in zip(sweep.entries, planned, strict=True):
        assert config.read(entry.settings).preset == one.setup.preset.name
        assert one.setup.dataset.name in datasets.DATASETS


def test_the_sources_figures_are_all_there() -> None:
    """Counted by hand in the list of published systems."""
    figures = {
        sweep.name: sum(
            len([one for one in (told.test_accuracy, told.best_val_accuracy, told.target, told.loss) if one is not None])
            + len(told.classes)
            + len(told.parameters)
            + len([one for one in told.steps if not math.isnan(one)])
            for told in (entry.published for entry in sweep.entries)
        )
        for sweep in SHIPPED
    }
    assert {name: count for name, count in figures.items() if name != "speedrun"} == {  # which is ours
        "cs231n-convbn": 10,
        "cs231n-linear": 8,
        "cs231n-three-ways": 1,
        "data-to-modeling": 11,
        "day1-least-squares": 7,
        "day1-mnist": 4,
        "day1-sine": 3,
        "day1-uniform": 6,
        "day1-width": 6,
        "intro-pytorch": 0,
    }
