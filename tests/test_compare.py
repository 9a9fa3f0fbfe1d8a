"""Runs side by side: figures, differing settings, seeds, tests of noise, fairness. Nothing here needs torch."""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, replace

import pytest

from compared import BATCH, PER_EPOCH, PRESET, STARTED, begun, epoch_of, fitted, ran, tried, wrote
from tui_trainer import paths
from tui_trainer.events import CheckpointSaved, LearningRateChanged, RunResumed, SettingChanged
from tui_trainer.runs.compare import CompareError, Comparison, classes, open_all, read
from tui_trainer.runs.differing import differing, flat, said


def kinds(found: Comparison) -> list[str]:
    return [one.kind for one in found.remarks]


def remark(found: Comparison, kind: str) -> str:
    return "\n".join(one.text for one in found.remarks if one.kind == kind)


def test_figures_of_each_run() -> None:
    a, b = ran([0.5, 0.8, 0.7], test=0.75, took=2.0), ran([0.6, 0.65, 0.66], lr=0.01)
    found = read([a, b])
    one, other = found.sides
    assert (one.letter, other.letter, one.run, one.status) == ("A", "B", a, "finished")
    assert one.best is not None
    assert (one.score, one.best.epoch, one.last.accuracy if one.last else None) == (0.8, 2, 0.7)
    assert one.test is not None
    assert one.test.accuracy == 0.75
    assert one.found == {"cat": 1.0, "dog": 0.6}
    assert one.worst == ("dog", 0.6)
    assert (one.tried, one.parameters, one.steps, one.epochs, one.seconds) == (200, 1234, 30, 3.0, 6.0)
    assert one.samples == 3 * PER_EPOCH * BATCH
    assert one.speed == pytest.approx(600 / (6.0 - 3 * 0.5 - 0.5))
    assert one.gap == pytest.approx(0.95 - 0.8)
    assert one.reached == {level: 2.0 if level <= 50 else 4.0 for level in range(5, 85, 5)}
    assert tuple(asdict(one.machine).values()) == ("here", "cpu", "a cpu", 1, "fp32", "2.15")
    assert found.leaderboard == (one, other)
    assert found.level == 65
    assert read([b, a]).leaderboard[0].run == a


def test_curves_stand_on_four_axes() -> None:
    (side, _) = read([ran([0.5, 0.8], took=3.0), ran([0.5])]).sides
    curve = side.curves["accuracy"]
    assert [spot.value for spot in curve] == [0.5, 0.8]
    for axis, places in (("step", [10, 20]), ("epoch", [1, 2]), ("seconds", [3, 6]), ("samples", [200, 400])):
        assert [spot.at(axis) for spot in curve] == places
    assert [spot.value for spot in side.curves["loss"]] == pytest.approx([0.5, 0.2])
    assert len(side.curves["train loss"]) == 20
    assert side.curves["train loss"][-1].at("samples") == 400
    assert side.curves["mae"] == ()


def test_steps_that_a_resumption_drops_count_nowhere() -> None:
    run = begun(epochs=3)
    given = asdict(run.config())
    back = RunResumed(10, 1, 1.0, True, steps=30, steps_per_epoch=PER_EPOCH, config=given)
    first = [epoch_of(1), tried(1, 0.5, best=True, seconds=1.0), CheckpointSaved(10, 1, best=False)]
    dropped = [epoch_of(2), tried(2, 0.9, best=True, seconds=2.0)]
    wrote(run, replace(STARTED, config=given), *first, *dropped, back, epoch_of(2), tried(2, 0.7, best=True, seconds=2.0))
    found = read([run, ran([0.5, 0.6])])
    side = found.sides[0]
    assert (side.samples, side.score, side.resumed, side.status) == (400, 0.7, 1, "lost")
    assert side.found == {"cat": 1.0, "dog": 0.4}
    assert [spot.samples for spot in side.curves["accuracy"]] == [200, 400]
    assert remark(found, "resumed") == "A went on from a checkpoint once"
    assert remark(found, "unfinished") == "A is not finished but lost, after 2 epochs, 20 steps of 3 epochs"


def test_a_run_that_goes_on_is_read_on() -> None:
    run = begun(epochs=2)
    readers = open_all([run, ran([0.5])])
    assert readers[0].catch_up() is False
    assert readers[0].side().task == ""
    wrote(run, replace(STARTED, config=asdict(run.config())), epoch_of(1), tried(1, 0.6, seconds=1.0))
    assert readers[0].catch_up() is True
    assert readers[0].side().score == 0.6
    wrote(run, epoch_of(2), tried(2, 0.7, best=True, seconds=2.0))
    readers[0].catch_up()
    assert (readers[0].side().score, readers[0].side().samples) == (0.7, 400)


def test_only_what_differs_is_listed() -> None:
    one = flat(begun(lr=1e-3, epochs=10, dataset="points", data={"noise": 0.1}, knobs={"width": 8}).config())
    other = flat(begun(lr=1e-2, seconds=60, dataset="points", data={"noise": 0.2}, knobs={"width": 8, "depth": 2}).config())
    found = differing([one, other])
    assert [(row.name, row.label, row.words()) for row in found] == [
        ("lr", "rate", ("1e-3", "1e-2")),
        ("epochs", "epochs", ("10", "·")),
        ("seconds", "seconds", ("·", "60")),
        ("knob depth", "knob depth", ("·", "2")),
        ("data noise", "data noise", ("0.1", "0.2")),
    ]
    assert differing([one, one]) == []
    assert one["knob width"] == 8
    assert (said("flip", True), said("weight_decay", 5e-4), said("momentum", 0.9)) == ("yes", "5e-4", "0.9")


def test_settings_are_those_by_now() -> None:
    run = ran([0.5], reason="")
    wrote(run, LearningRateChanged(11, 1e-3, 3e-4, 1.0), SettingChanged(11, "batch_size", 20, 40, 1.0, 10, 5))
    found = read([run, ran([0.5])])
    assert [(row.name, row.values) for row in found.differing] == [("lr", (3e-4, 1e-3)), ("batch_size", (40, 20))]
    assert remark(found, "steered") == "A was steered by hand: rate 1e-3 → 3e-4 at step 11, batch 20 → 40 at step 11"
    assert len(found.groups) == 2


def test_preset_files_that_differ_are_shown_as_a_diff() -> None:
    wider = PRESET.replace("= 8", "= 16")
    found = read([ran([0.5]), ran([0.5], text=wider), ran([0.6], text=wider), ran([0.6])])
    (diff,) = found.diffs
    assert (diff.before, diff.after) == ("A", ("B",))
    assert diff.lines[:2] == ("--- A/linear.py", "+++ B/linear.py")
    assert any(line.startswith("-def build") for line in diff.lines)
    assert any(line.startswith("+def build") and "16" in line for line in diff.lines)
    assert [side.letter for side in found.sides] == ["A", "B", "B", "A"]
    assert [one.label for one in found.standings] == ["linear, edition 1", "linear, edition 2"]
    assert read([ran([0.5]), ran([0.6])]).diffs == ()


def test_runs_that_differ_in_the_seed_alone_are_one_setting() -> None:
    runs = [ran([value], seed=seed, save_every=1.0 + seed, threads=str(seed + 1)) for seed, value in enumerate((0.8, 0.81, 0.83))]
    others = [ran([value], seed=seed, lr=0.01) for seed, value in enumerate((0.6, 0.64, 0.63))]
    found = read([*runs, *others])
    one, other = found.groups
    assert (one.letters, other.letters) == (("A",), ("B",))
    assert one.mean == pytest.approx(statistics.fmean((0.8, 0.81, 0.83)))
    assert one.deviation == pytest.approx(statistics.stdev((0.8, 0.81, 0.83)))
    (judged,) = found.judged
    assert judged.tested is not None
    assert judged.tested.significant
    assert judged.text.startswith("A (81.3 ± 1.5 %, 3 seeds) leads B (62.3 ± 2.1 %, 3 seeds) by 19.0 points: ")
    assert "more than the seed noise (Welch's t-test: t = 12.75, " in judged.text
    assert found.method.startswith("tested: Welch's t-test, on the best validation accuracy of each seed; two-sided")
    assert found.group_of(found.sides[4]) == other


def test_a_difference_within_the_spread_is_called_noise() -> None:
    runs = [
        ran([value], seed=seed, lr=lr)
        for lr, values in ((1e-3, (0.7, 0.8)), (1e-2, (0.72, 0.79)))
        for seed, value in enumerate(values)
    ]
    (judged,) = read(runs).judged
    assert "by 0.5 points: difference smaller than the seed noise (" in judged.text
    assert judged.text.endswith("; 2 seeds tell little")


def test_seeds_run_twice_and_runs_not_finished_are_no_further_draws() -> None:
    found = read(
        [
            ran([0.8]),
            ran([0.82]),
            ran([0.9], seed=1),
            ran([0.5], seed=2, reason="stopped", epochs=9),
            ran([0.5], seed=2, reason="stopped"),
        ]
    )
    assert [len(group.sides) for group in found.groups] == [4, 1]
    assert found.groups[0].values == pytest.approx((0.81, 0.9))
    assert found.groups[1].values == (0.5,)


def test_with_one_seed_each_the_validation_split_is_the_measure() -> None:
    (close,) = read([ran([0.80]), ran([0.82], lr=0.01)]).judged
    assert close.ahead.letters == ("B",)
    assert close.tested is not None
    error = math.sqrt(0.81 * 0.19 * (1 / 200 + 1 / 200))
    assert close.tested.error == pytest.approx(error)
    assert close.tested.p == pytest.approx(math.erfc(0.02 / error / math.sqrt(2)))
    assert "B (82.0 %) leads A (80.0 %) by 2.0 points: difference smaller than the noise of the validation split" in close.text
    assert close.text.endswith("too few seeds to tell it from seed noise (one seed each)")
    far = read([ran([0.9]), ran([0.5], lr=0.01)])
    assert "more than the noise of the validation split" in far.verdicts[0]
    assert "test of two proportions, unpaired because a record keeps no predictions" in far.verdicts[-1]
    (lone,) = read([ran([0.9]), ran([0.92], seed=1), ran([0.9], lr=0.01)]).judged
    assert "(one seed of " in lone.text


def test_regression_is_ranked_by_loss() -> None:
    found = read([fitted([0.5, 0.2]), fitted([0.4, 0.1], lr=0.01)])
    assert found.task == "regression"
    assert [side.letter for side in found.leaderboard] == ["B", "A"]
    assert [spot.value for spot in found.sides[0].curves["mae"]] == [0.25, 0.1]
    assert found.classes == ()
    assert found.level is None
    assert found.verdicts[0] == (
        "B (0.1) leads A (0.2) by 0.1: too few seeds to tell it from seed noise (one seed each; Welch's t-test needs two of each)"
    )
    several = read([fitted([loss], seed=seed, lr=lr) for lr in (1e-3, 1e-2) for seed, loss in enumerate((lr, 1.1 * lr))])
    assert several.judged[0].ahead.letters == ("A",)
    assert "on the best validation loss of each seed" in several.method


def test_classification_beside_regression_has_no_ranks() -> None:
    found = read([ran([0.5]), fitted([0.4])])
    assert found.task == "mixed"
    assert [side.letter for side in found.leaderboard] == ["A", "B"]
    assert found.verdicts == ("no verdict: no figure ranks classification beside regression",)
    assert "tasks differ: A classification; B regression" in remark(found, "task")


def test_no_verdict_where_there_is_nothing_to_judge() -> None:
    assert read([ran([0.5]), ran([0.5], dataset="points")]).verdicts == ("no verdict: figures on different data do not rank",)
    assert read([begun(), begun(lr=0.1)]).verdicts == ("no verdict: fewer than two settings have a figure",)
    assert read([ran([0.5]), ran([0.6], seed=1)]).verdicts == ("one setting, nothing to judge: A and B (55.0 ± 7.1 %, 2 seeds)",)
    assert read([ran([0.5]), ran([0.5], lr=0.1)]).verdicts == ("A (50.0 %) and B (50.0 %) come to the same",)
    flat_seeds = [ran([value], lr=lr, seed=seed) for lr, value in ((1e-3, 0.5), (1e-2, 0.6)) for seed in (0, 1)]
    assert "no seed differs from another of its setting" in read(flat_seeds).verdicts[0]


def test_equal_chances_leave_nothing_to_remark() -> None:
    assert read([ran([0.5, 0.6]), ran([0.6, 0.7], lr=0.01)]).remarks == ()


def test_unequal_chances_are_named() -> None:
    machine = replace(STARTED, host="there", device="cuda:0", device_name="a gpu", threads=4, precision="bf16", torch="2.16")
    found = read(
        [ran([0.5, 0.6]), ran([0.6], started=machine, validation=0.2, seed=3), ran([0.5, 0.5], reason="stopped", epochs=5)]
    )
    assert remark(found, "split").splitlines() == [
        "shares held out for validation differ: A and C 10.0 %; B 20.0 %",
        "the seed draws the validation split, so each seed is tried on other samples: A and C seed 0; B seed 3",
    ]
    assert remark(found, "budget").splitlines() == [
        "budgets differ: A 2 epochs; B 1 epoch; C 5 epochs",
        "epochs trained differ: A and C 2; B 1",
        "steps differ: A and C 20; B 10",
        "samples seen differ: A and C 400; B 200",
        "times of training differ: A and C 2.0 s; B 1.0 s",
    ]
    assert remark(found, "machine").splitlines() == [
        "machines differ: A and C on here; B on there",
        "devices differ: A and C cpu (a cpu); B cuda:0 (a gpu)",
        "threads differ: A and C 1; B 4",
        "precisions differ: A and C fp32; B bf16",
        "versions of torch differ: A and C 2.15; B 2.16",
    ]
    assert remark(found, "unfinished") == "C is not finished but stopped, after 2 epochs, 20 steps of 5 epochs"
    own = read([ran([0.5], dataset="points", data={"noise": 0.1}), ran([0.5], dataset="points", data={"noise": 0.2})])
    assert remark(own, "data") == "settings of the dataset differ: A noise 0.1; B noise 0.2"
    seconds = read([ran([0.5], epochs=None, seconds=60), ran([0.5], epochs=None, steps=10)])
    assert "budgets differ: A 1 min 00 s; B 10 steps" in remark(seconds, "budget")
    assert remark(read([begun(), ran([0.5])]), "unfinished") == "A is new, and has learned nothing yet"


def test_a_folder_that_is_gone_counts_as_drawn() -> None:
    gone = f"folder:{paths.home()}/gone"
    assert "split" in kinds(read([ran([0.5], dataset=gone), ran([0.5], dataset=gone, seed=1)]))


def test_classes_with_the_biggest_difference_come_first() -> None:
    rows = classes([{"cat": 0.5, "dog": 0.6, "only": 1.0}, {"cat": 0.9, "dog": 0.61}, {"dog": 0.55}])
    assert [(row.name, row.shares) for row in rows] == [("cat", (0.5, 0.9, None)), ("dog", (0.6, 0.61, 0.55))]
    assert rows[0].spread == pytest.approx(0.4)


def test_too_few_too_many_or_one_twice_are_refused() -> None:
    run = begun()
    with pytest.raises(CompareError, match="two to 64 runs can be compared, not one"):
        read([run])
    with pytest.raises(CompareError, match="up to 8 settings can be compared, not 9"):
        read([begun(lr=10.0**-at) for at in range(9)])
    assert len(read([begun(seed=at, lr=10.0 ** -(at % 2)) for at in range(9)]).letters) == 2
    with pytest.raises(CompareError, match=f"run {run.id} is given twice"):
        read([run, begun(), run])


def test_what_is_not_finite_ranks_last() -> None:
    found = read([fitted([math.nan]), fitted([0.5], lr=0.01)])
    assert [side.letter for side in found.leaderboard] == ["B", "A"]
    assert found.sides[0].score is None
    assert found.sides[0].curves["loss"] == ()
