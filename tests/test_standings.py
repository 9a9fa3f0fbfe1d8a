"""Settings beside each other: letters, means over seeds, what is cut, who is ahead by the clock. Nothing here needs torch."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import pytest

from compared import STARTED, begun, epoch_of, fitted, ran, tried, wrote
from tui_trainer.events import LearningRateChanged
from tui_trainer.runs import ahead, board, cutting, log, seeds
from tui_trainer.runs.ahead import Lead
from tui_trainer.runs.compare import Comparison, compared, of_sweep, read
from tui_trainer.runs.letters import Letters
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.store import Run

SEEDS = (0, 1, 2)


def three(*bests: float, took: float = 1.0, **settings: object) -> list[Run]:
    """A setting with a seed for each of these."""
    return [
        ran([best - 0.2, best, best - 0.01], seed=seed, test=best - 0.02, took=took, **settings)  # type: ignore[arg-type]
        for seed, best in enumerate(bests)
    ]


def table(found: Comparison) -> dict[str, dict[str, str]]:
    """The leaderboard, as every front end prints it."""
    columns = board.columns(found)
    return {one.letter: {column.name: column.text(one) for column in columns} for one in found.standings}


def remarks(found: Comparison) -> list[str]:
    return [one.text for one in found.remarks]


def test_a_letter_stands_for_a_setting_with_all_its_seeds() -> None:
    found = read([*three(0.6, 0.64, 0.62, took=2.0, preset="mlp"), *three(0.8, 0.81, 0.83, preset="cnn")])
    assert found.letters == ("A", "B")
    assert [one.letter for one in found.standings] == ["B", "A"]
    best = found.standing_of("B")
    assert (best.label, best.run, best.status, best.seeds) == ("cnn", "3 runs", "finished", 3)
    assert board.columns(found)[2].heading == "preset"
    assert best.best == pytest.approx((0.8 + 0.81 + 0.83) / 3)
    assert (best.parameters, best.epochs, best.epoch_seconds, best.seconds) == (1234, 3, 1, 3)
    assert best.worst is not None
    assert best.worst == ("dog", pytest.approx(2 * best.best - 1))
    assert table(found)["B"] | {"speed": ""} == {
        "letter": "B",
        "run": "3 runs",
        "label": "cnn",
        "best": "81.3 %",
        "deviation": "1.5",
        "best_epoch": "2",
        "test": "79.3 %",
        "last": "80.3 %",
        "reached": "1.0 s",
        "parameters": "1 234",
        "epoch_seconds": "1.0 s",
        "seconds": "3.0 s",
        "speed": "",
        "gap": "+13.7",
        "worst": "dog 62.7",
    }
    assert [row.shares for row in found.classes if row.name == "dog"] == [(pytest.approx(0.24), pytest.approx(2 * best.best - 1))]
    assert [(one.name, one.values) for one in found.differing] == [("preset", ("mlp", "cnn"))]
    band = found.bands("epoch", "accuracy")["A"]
    assert [(one.x, one.low, one.high) for one in band] == [(1, 0.4, 0.44), (2, 0.6, 0.64), (3, 0.59, 0.63)]


def test_runs_of_one_setting_have_a_letter_each() -> None:
    found = read(three(0.8, 0.81, 0.83))
    assert found.letters == ("A", "B", "C")
    assert [one.label for one in found.standings] == ["linear, seed 2", "linear, seed 1", "linear, seed 0"]
    assert [(one.name, one.values) for one in found.differing] == [("seed", (0, 1, 2))]
    assert found.verdicts == ("one setting, nothing to judge: A, B and C (81.3 ± 1.5 %, 3 seeds)",)


def test_seeds_that_failed_are_left_out_and_said() -> None:
    runs = [*three(0.8, 0.82), ran([0.1], seed=2, reason="diverged", epochs=3), *three(0.7, 0.72, 0.74, lr=0.01)]
    found = read(runs)
    one = found.standing_of("A")
    assert (one.status, one.seeds, one.best) == ("2 of 3 finished", 2, pytest.approx(0.81))
    assert table(found)["A"]["state"] == "✓ 2 of 3 finished"
    assert "A counts 2 of its 3 runs: 1 diverged" in remarks(found)
    assert "2 seeds tell little" in found.verdicts[0]
    none = read([*(ran([0.5], seed=seed, reason="failed", epochs=3) for seed in SEEDS), ran([0.6], lr=0.01)])
    assert "A has no run that finished with a figure: 3 failed" in remarks(none)
    assert none.standing_of("A").status == "failed"
    lost = read([fitted([0.2]), fitted([math.nan], seed=1), fitted([0.3], lr=0.01)])
    assert "A counts 1 of its 2 runs: 1 without a finite figure" in remarks(lost)


def test_unequal_sets_of_seeds_are_said() -> None:
    found = read([*three(0.8, 0.82), *three(0.7, 0.72, 0.74, lr=0.01)])
    assert remarks(found) == [
        "the seed draws the validation split, so each seed is tried on other samples: A seeds 0 and 1; B seeds 0, 1 and 2"
    ]
    assert [(one.label, one.words()) for one in found.differing if one.name == "seed"] == [("seed", ("0, 1", "0, 1, 2"))]
    assert [one.label for one in found.standings] == ["linear, rate 1e-3", "linear, rate 1e-2"], "seeds are no part of a setting"


def test_a_level_counts_as_reached_by_all_seeds() -> None:
    found = read([*three(0.8, 0.7, took=1.0), *three(0.9, 0.9, lr=0.01), *three(0.75, 0.75, lr=0.1), ran([0.2], lr=0.5)])
    assert found.level == 70
    assert (found.standing_of("A").reached, found.standing_of("D").reached) == (2.0, None)
    assert (table(found)["A"]["reached"], table(found)["D"]["reached"]) == ("2.0 s", "never")
    half = replace(found.standing_of("A"), reached=None, reaching=(1, 2))
    assert board.reached(half, found) == "1 of 2"


def test_what_is_cut_is_as_if_every_run_had_ended_there() -> None:
    long = three(0.8, 0.82, took=2.0, preset="cnn")
    short = [ran([0.7], seed=seed, preset="mlp", took=1.5) for seed in (0, 1)]
    found = read([*long, *short])
    assert (found.shortest("epoch"), found.shortest("step"), found.shortest("seconds")) == (1.0, 10.0, 1.5)
    cut = found.cut("epoch", 1.0)
    assert (cut.cut_at, cut.letters, cut.whole) == (("epoch", 1.0), ("A", "B"), found)
    one = cut.standing_of("A")
    assert (one.best, one.last, one.test, one.epochs, one.steps, one.samples) == (
        pytest.approx(0.61),
        pytest.approx(0.61),
        None,
        1,
        10,
        200,
    )
    assert (one.status, one.label, one.seconds) == ("finished", "cnn", 2.0)
    assert [len(side.curves["train loss"]) for side in cut.sides] == [10, 10, 10, 10]
    assert cut.sides[0].found == {"cat": 1.0, "dog": pytest.approx(0.2)}
    assert cut.standings[0].letter == "B"
    assert cut.verdicts[0] == "cut at 1 epoch: as if every run had ended there"
    assert "leads" in cut.verdicts[1]
    assert not any(one.startswith(("budgets", "epochs trained", "steps")) for one in remarks(cut))
    assert cut.cut("epoch", 2.0).standing_of("A").epochs == 2
    assert found.cut("seconds", 3.0).standing_of("A").steps == 15
    assert found.cut("epoch", 99).standings == found.standings
    assert read([ran([0.5]), ran([0.6], lr=0.1)]).shortest("epoch") is None


def test_a_schedule_for_the_whole_budget_is_said_of_what_is_cut() -> None:
    found = read([ran([0.5, 0.6], schedule="cosine"), ran([0.5], schedule="cosine", lr=0.01)]).cut("epoch", 1)
    assert "rates followed schedules for whole budgets, not for the cut: A 2 epochs; B 1 epoch" in remarks(found)


@pytest.mark.parametrize(
    ("axis", "amount", "words"),
    [
        ("epoch", 1.5, "cut at 1.5 epochs"),
        ("step", 1, "cut at 1 step"),
        ("samples", 4812, "cut at 4 812 samples"),
        ("seconds", 96, "cut at 1 min 36 s"),
    ],
)
def test_where_is_said_in_words(axis: str, amount: float, words: str) -> None:
    assert cutting.words(axis, amount) == words


def test_times_in_tables() -> None:
    assert list(map(board.time, (None, 0.0004, 0.042, 4.21, 96, 3723))) == ["·", "1 ms", "42 ms", "4.2 s", "1:36", "1:02:03"]


def test_a_preset_that_was_edited_between_the_seeds_of_a_sweep_is_said() -> None:
    first, second = sorted((ran([0.5], seed=0), ran([0.6], seed=1)), key=lambda run: run.name)
    first.preset_file.write_text("another")
    found = of_sweep([("one", [first, second]), ("two", [ran([0.7], lr=0.1)])])
    said = f"A (run {first.id}) had another text of the preset file than the newest run of the setting"
    assert [one.text for one in found.remarks if one.kind == "preset"] == [said]


def test_who_is_ahead_by_the_clock_is_said() -> None:
    slow, quick = [ran([0.5, 0.7, 0.9], took=60.0)], [ran([0.4, 0.6, 0.55], took=10.0, lr=0.01)]
    found = read([*slow, *quick, ran([0.3, 0.35, 0.4], took=20.0, lr=0.1)])
    assert found.leads == ("by the clock B is ahead of all for the first 2 min 00 s",)
    assert found.leads[0] in found.verdicts
    assert ahead.leads(found.groups) == [("B", 10.0, 120.0), ("A", 120.0, 180.0)]
    assert read([*slow, ran([0.1, 0.2], took=60.0, lr=0.1)]).leads == ()
    uneven = [ran([0.5, 0.6], took=took, seed=seed, lr=0.1) for seed, took in enumerate((1.0, 199.0))]
    means = read([*uneven, *(ran([0.3, 0.4], took=30.0, seed=seed) for seed in range(2))])  # a seed was slow: as its curve is drawn
    assert ahead.leads(means.groups) == [("B", 30.0, 100.0), ("A", 100.0, 399.0)]
    flips = [Lead("D", 6, 9), Lead("C", 9, 60), Lead("D", 60, 62), Lead("C", 62, 180), Lead("B", 180, 300), Lead("A", 300, 600)]
    assert ahead._lasting(flips) == [("C", 9, 180), ("B", 180, 300)]
    losses = read([fitted([0.5, 0.1]), fitted([0.4, 0.3], lr=0.01)])
    assert losses.leads == ("by the clock B is ahead for the first 2.0 s",)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (2.04, "half of the parameters"),
        (2.4, "2.4 times fewer parameters"),
        (3, "a third of the parameters"),
        (16.95, "a 17th of the parameters"),
        (8, "an 8th of the parameters"),
        (11, "an 11th of the parameters"),
        (22, "a 22nd of the parameters"),
        (1813, "a 1 813th of the parameters"),
    ],
)
def test_how_much_smaller_the_winner_is(times: float, words: str) -> None:
    assert seeds.fewer(times) == words


def test_the_size_of_the_winner_is_in_the_verdict() -> None:
    large = replace(STARTED, parameters=1234 * 17)
    (one,) = read([ran([0.9]), ran([0.5], lr=0.01, started=large)]).judged
    assert one.text.startswith("A (90.0 %) leads B (50.0 %) by 40.0 points with a 17th of the parameters: ")
    (other,) = read([ran([0.5]), ran([0.9], lr=0.01, started=large)]).judged
    assert " by 40.0 points with 17 times the parameters: " in other.text


def test_the_best_eight_of_a_sweep_are_read_and_the_rest_summed_up() -> None:
    entries = [(f"rate {at}", [ran([0.05 * at], lr=0.01 * at, seed=seed) for seed in (0, 1)]) for at in range(1, 11)]
    found = of_sweep([*entries, ("rate 11", [])])
    assert board.columns(found)[2].heading == "setting", "what tells them apart is no preset"
    assert [one.label for one in found.standings] == [f"rate {at}" for at in range(10, 2, -1)]
    assert [one.letter for one in found.standings] == list("HGFEDCBA")
    assert [(one.label, one.letter, one.best, one.status) for one in found.rest] == [
        ("rate 2", "", 0.1, "finished"),
        ("rate 1", "", 0.05, "finished"),
        ("rate 11", "", None, "not begun"),
    ]
    assert found.cut("epoch", 0.5).rest == ()
    one = of_sweep(entries[:1])
    assert [(one.letter, one.label) for one in one.standings] == [("A", "rate 1, seed 0"), ("B", "rate 1, seed 1")]


def test_letters_stay_while_runs_come_and_change() -> None:
    letters, first, second = Letters(), ran([0.5], seed=0, reason=""), ran([0.6], seed=0, lr=0.01)
    readers = [Reader(first), Reader(second)]
    assert [one.letter for one in told(readers, letters).sides] == ["A", "B"]
    before = readers[1].side()
    wrote(first, LearningRateChanged(11, 1e-3, 3e-4, 1.0), epoch_of(2), tried(2, 0.7, best=True, seconds=2.0))
    readers.insert(0, Reader(ran([0.8], seed=1, reason="")))
    found = told(readers, letters)
    assert [one.letter for one in found.sides] == ["C", "A", "B"]
    assert found.standing_of("A").best == 0.7
    assert readers[2].side() is before


def told(readers: list[Reader], letters: Letters) -> Comparison:
    for reader in readers:
        while reader.read_on(1 << 10):
            pass
        assert reader.behind == 0
    return compared([reader.side() for reader in readers], letters)


def test_a_run_that_nobody_trains_any_more_is_said_to_be_lost() -> None:
    run = begun()
    reader = Reader(run)
    with log.Writer(run.events) as write:
        write(replace(STARTED, config=asdict(run.config())))
        write(epoch_of(1))
        reader.catch_up()
        assert reader.side().status == "running"
    assert reader.side().status == "lost"


def test_settings_of_a_sweep_have_their_letters_before_they_begin() -> None:
    runs = [ran([0.5 + at / 10], lr=0.1**at, seed=seed) for at in range(2) for seed in range(2)]
    names = {run.name: ("two", "three")[at // 2] for at, run in enumerate(runs)}
    readers, letters = [Reader(run) for run in runs], Letters()
    letters.reserve(["one", "two", "three"])
    for reader in readers:
        reader.catch_up()
    assert compared([reader.side() for reader in readers[:2]], letters, names).letters == ("B",)
    found = compared([reader.side() for reader in readers], letters, names)
    assert [(one.letter, one.label) for one in found.standings] == [("C", "three"), ("B", "two")]


def test_seeds_of_one_setting_have_a_letter_each_but_not_too_many() -> None:
    runs = [ran([0.5 + at / 100], seed=at) for at in range(9)]
    readers, letters = [Reader(run) for run in runs], Letters()
    letters.reserve(["alone"])
    names = {run.name: "alone" for run in runs}
    for reader in readers:
        reader.catch_up()
    assert compared([readers[0].side()], letters, names).letters == ("A",)
    two = compared([reader.side() for reader in readers[:2]], letters, names)
    assert [(one.letter, one.label) for one in two.standings] == [("B", "alone, seed 1"), ("A", "alone, seed 0")]
    found = read(runs)
    assert found.letters == ("A",)
    assert found.verdicts == ("one setting, nothing to judge: A (54.0 ± 2.7 %, 9 seeds)",)


def test_more_letters_than_the_alphabet_has() -> None:
    letters = Letters(by_run=False)
    letters.reserve(map(str, range(30)))
    runs = compared([reader.side() for reader in map(Reader, (begun(), begun(lr=0.1)))], letters, None)
    assert runs.letters == ("E2", "F2")
