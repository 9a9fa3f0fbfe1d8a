"""A sweep as a queue, and its figures beside the published ones: over made records, without training."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

import made
from tui_trainer import paths, sweeps
from tui_trainer.config import ConfigError
from tui_trainer.console.beside import as_json
from tui_trainer.events import Evaluated, Event, Probed, RunEnded, Stepped
from tui_trainer.runs import beside, log, outcome, result, store, swept, trash
from tui_trainer.runs.outcome import Outcome
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import estimate, sweeping
from tui_trainer.session.making import create
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Entry, Published, Sweep, SweepError

TEXT = """
base = { preset = "mlp", dataset = "points", epochs = 4, data = { noise = 0.3 } }
[[runs]]
label = "one"
published = { test_accuracy = 0.9 }
[[runs]]
label = "two"
lr = 0.01
"""


@pytest.fixture
def sweep() -> Sweep:
    path = paths.your_presets() / "sweeps" / "mine.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT, encoding="utf-8")
    return sweeps.find("mine")


def queue_of(sweep: Sweep, *, again: bool = False, seeds: int = 1, **given: object) -> Queue:
    return Queue(sweep, given, sweeping.plan(sweep, given, seeds=seeds), again=again)


def over(run: Run, reason: str = "finished", accuracy: float = 0.8, seconds: float = 60.0, *events: Event) -> None:
    """The record of a run that ended so."""
    with log.Writer(run.events) as write:
        write(made.started())
        for event in events:
            write(event)
        write(Evaluated(10, 4, "test", 0.5, accuracy, ((40, 10, 0), (0, 50, 0), (0, 0, 50)), seconds, 0.1))
        write(RunEnded(10, 4, reason, seconds, accuracy, 4, 0.5, accuracy, 0.5, accuracy, error="no luck" * (reason == "failed")))


def next_of(queue: Queue) -> Run:
    begun = queue.begin_next()
    assert begun is not None
    return begun.run


# ---- planning ------------------------------------------------------------------------------------------------


def test_settings_are_laid_over_each_entry(sweep: Sweep) -> None:
    one, two = sweeping.plan(sweep, {"epochs": "2", "knobs": {"width": "7"}})
    assert (one.setup.config.epochs, one.setup.config.knobs["width"], two.setup.config.lr) == (2, 7, 0.01)
    assert one.setup.config.data["noise"] == 0.3
    (digits, _) = sweeping.plan(sweep, {"dataset": "digits"})
    assert (digits.setup.config.dataset, digits.setup.config.data) == ("digits", {})  # what points has, digits have not


def test_seeds_go_on_from_the_one_that_was_given(sweep: Sweep) -> None:
    assert [one.key for one in sweeping.plan(sweep, {"seed": 5}, seeds=2)] == [("one", 5), ("two", 5), ("one", 6), ("two", 6)]


def test_seeds_count_among_the_most_runs_of_a_sweep(sweep: Sweep) -> None:
    with pytest.raises(SweepError, match=f"are {600 * len(sweep.entries)} runs; a sweep has 1000 at most"):
        sweeping.plan(sweep, {}, seeds=600)


def test_only_some_by_label(sweep: Sweep) -> None:
    assert [one.label for one in sweeping.plan(sweep, {}, only=["TWO"])] == ["two"]
    with pytest.raises(SweepError, match="mine has no run 'tow'; did you mean two"):
        sweeping.plan(sweep, {}, only=["tow"])


def test_who_is_wrong_is_told_apart(sweep: Sweep) -> None:
    with pytest.raises(ConfigError) as wrong:
        sweeping.plan(sweep, {"lr": "77"})
    assert "lr" in wrong.value.problems
    with pytest.raises(ConfigError):
        sweeping.plan(sweep, {"knobs": {"wdth": 3}})
    sweep.path.write_text(TEXT.replace("lr = 0.01", "knobs.wdth = 3"))
    with pytest.raises(SweepError, match="sweep mine, 'two': wdth: mlp has no knob"):
        sweeping.plan(sweeps.find("mine"), {})


# ---- the queue -----------------------------------------------------------------------------------------------


def test_a_queue_goes_on_where_it_was(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    assert (queue.going_on(), len(queue.waiting)) == ("", 2)
    over(next_of(queue))
    stopped = next_of(queue)
    over(stopped, "stopped")
    assert queue.begin_next() is None
    later = queue_of(sweep)
    assert (later.kept, [one.label for one in later.waiting]) == (1, ["two"])
    assert later.going_on() == "1 of 2 runs is there already, just now"
    begun = later.begin_next()
    assert begun is not None
    assert (begun.run, begun.elsewhere, later.number) == (stopped, False, 2)
    assert begun.resume is not None  # it was stopped: it goes on where it was
    over(stopped)
    done = queue_of(sweep)
    assert not done.waiting
    assert [[one.run for one in several] for several in done.outcomes().values()][1] == [stopped]
    assert [one.label for one in queue_of(sweep, again=True).waiting] == ["one", "two"]


def test_what_diverged_is_done_and_what_failed_is_tried_again(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    over(next_of(queue), "diverged")
    over(next_of(queue), "failed")
    assert [one.label for one in queue_of(sweep).waiting] == ["two"]


def test_other_settings_are_another_sweep_and_another_file_another_run(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    for _ in range(2):
        over(next_of(queue))
    assert len(queue_of(sweep, epochs=2).waiting) == 2
    assert [one.key for one in queue_of(sweep, seeds=2).waiting] == [("one", 1), ("two", 1)]
    sweep.path.write_text(TEXT.replace("lr = 0.01", "lr = 0.02"))
    changed = sweeps.find("mine")
    assert [one.label for one in queue_of(changed).waiting] == ["two"]
    record = sweeping.latest(changed)
    assert record is not None
    assert [label for label, _ in sweeping.recorded(changed, record)] == ["one"]


def test_a_run_that_goes_on_elsewhere_is_waited_for(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    over(next_of(queue))
    run = next_of(queue)
    queue.let_go()
    with log.Writer(run.events) as write:
        write(made.started())
        later = queue_of(sweep)
        begun = later.begin_next()
        assert begun is not None
        assert (begun.run, begun.elsewhere, begun.resume) == (run, True, None)
    later.ended(run)  # lost there: it is gone on with here
    begun = later.begin_next()
    assert begun is not None
    assert (begun.run, begun.elsewhere) == (run, False)
    assert begun.resume is not None
    over(run)
    assert later.begin_next() is None


def test_two_processes_do_not_go_on_with_one_sweep(sweep: Sweep) -> None:
    first = queue_of(sweep)
    next_of(first)
    second = queue_of(sweep)
    with pytest.raises(StoreError, match="sweep mine goes on in another process"):
        second.begin_next()
    first.let_go()
    next_of(second)


def test_runs_that_were_deleted_and_lines_that_were_torn_are_as_if_they_never_were(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    run = next_of(queue)
    over(run)
    assert queue.swept is not None
    with (queue.swept.folder / swept.FILE).open("a") as file:
        file.write('[1]\n{"label": "two", "seed": "x", "run": 3}\n{"label": "two", "se')
    assert [one.label for one in queue_of(sweep).waiting] == ["two"]
    gone = trash.put(run)
    assert len(queue_of(sweep).waiting) == 2
    queue.swept.add(("one", 0), create(queue.planned[0].setup))
    assert queue.swept.runs()["one", 0] == store.everything()[0]
    shutil.rmtree(store.everything()[0].folder)
    back = trash.restore(gone)
    assert queue.swept.runs()["one", 0] == back


def test_what_was_made_and_not_noted_before_the_process_was_killed_is_not_made_twice(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    over(next_of(queue))
    orphan = create(queue.planned[1].setup)
    queue.let_go()
    begun = queue_of(sweep).begin_next()
    assert begun is not None
    assert (begun.run, begun.planned.label) == (orphan, "two")
    assert begun.resume is not None
    assert len(store.everything()) == 2


def test_a_line_that_was_torn_off_takes_no_other_along(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    over(next_of(queue))
    assert queue.swept is not None
    with (queue.swept.folder / swept.FILE).open("a") as file:
        file.write('{"label": "two", "se')
    queue.let_go()
    later = queue_of(sweep)
    over(next_of(later))
    assert later.begin_next() is None
    assert queue_of(sweep).waiting == []


def test_a_skipped_entry_is_done_with_until_it_is_started_over(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    run = next_of(queue)
    queue.skip()
    over(run, "stopped")
    assert [one.label for one in queue.waiting] == ["two"]
    queue.skip(queue.waiting[0])
    assert queue.begin_next() is None
    assert (queue.state("one"), queue.state("two")) == ("skipped", "skipped")
    later = queue_of(sweep)
    assert (later.waiting, later.kept) == ([], 2)
    assert [label for label, _ in later.entries()] == ["one"]
    assert len(queue_of(sweep, again=True).waiting) == 2


def test_one_that_cannot_be_gone_on_with_is_made_anew(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    damaged = next_of(queue)
    over(damaged, "stopped")
    (damaged.checkpoints / "last.pt").write_bytes(b"half of")
    queue.let_go()
    later = queue_of(sweep)
    begun = later.begin_next()
    assert begun is not None
    assert begun.run != damaged
    assert begun.resume is None
    over(begun.run, "stopped")
    later.let_go()
    again = queue_of(sweep)
    assert next_of(again) == begun.run
    again.anew()  # what lies there could not be read after all
    third = next_of(again)
    assert third not in {damaged, begun.run}


def test_a_record_keeps_its_sweep_for_when_the_file_is_gone(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    over(next_of(queue))
    queue.let_go()
    sweep.path.unlink()
    found = swept.kept("mine")
    assert found is not None
    assert found.entries == sweep.entries
    assert [one.name for one in swept.without_file([])] == ["mine"]
    assert swept.without_file([sweep]) == []
    later = queue_of(found)
    assert (later.kept, [one.label for one in later.waiting]) == (1, ["two"])
    assert swept.kept("nosuch") is None


def test_seeds_that_an_entry_names_come_first(sweep: Sweep) -> None:
    sweep.path.write_text(TEXT.replace('label = "one"', 'label = "one"\nseeds = [4, 9]'))
    named = sweeps.find("mine")
    assert [one.key for one in sweeping.plan(named, {})] == [("one", 4), ("two", 0), ("one", 9)]
    assert [one.key for one in sweeping.plan(named, {}, seeds=3)][-2:] == [("one", 10), ("two", 2)]
    assert [one.key for one in sweeping.plan(named, {"seed": 7})] == [("one", 7), ("two", 7)]


def test_how_long_it_takes_is_said_with_how_that_is_known(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    assert queue.estimate.words() == "how long they take is not known before the first has ended"
    over(next_of(queue), seconds=40.0)
    assert queue.estimate.words() == "about 40 s of training, as such runs took before"
    assert queue_of(sweep, seconds="20").estimate.words() == "about 40 s of training, by their budgets"
    part = sweeping.plan(sweep, {}) + sweeping.plan(sweep, {"batch_size": "8"})
    found = estimate.told([(one, 1.0) for one in part])
    assert (found.known, found.count, found.whole) == (2, 4, None)
    assert "for 2 of them" in found.words()


def test_records_are_found_by_name_newest_first_and_odd_folders_are_none(sweep: Sweep) -> None:
    assert swept.everything() == []
    first, second, other = swept.begin("a b", {}), swept.begin("a b", {"lr": "1"}), swept.begin("c", {})
    (paths.sweeps() / "junk").mkdir()
    assert [one.folder for one in swept.everything("a b")] == [second.folder, first.folder]
    assert {one.folder for one in swept.everything()} == {first.folder, second.folder, other.folder}
    assert second.given == {"lr": "1"}


def test_a_record_that_cannot_be_kept_is_said(sweep: Sweep, home: Path) -> None:
    queue = queue_of(sweep)
    paths.sweeps().parent.mkdir(parents=True, exist_ok=True)
    paths.sweeps().write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="what was run of the sweep cannot be kept"):
        queue.begin_next()
    assert len(queue.waiting) == 2


def test_the_time_is_told_from_budgets_and_from_earlier_runs(sweep: Sweep) -> None:
    assert sweeping.estimate(sweeping.plan(sweep, {"seconds": "30"})) == 60
    planned = sweeping.plan(sweep, {})
    assert sweeping.estimate(planned) is None
    queue = queue_of(sweep)
    for _ in range(2):
        over(next_of(queue), seconds=40.0)
    assert sweeping.estimate(planned) == 80
    assert sweeping.estimate(sweeping.plan(sweep, {"epochs": "8", "seed": "3", "lr": "0.5"})) == 160
    assert sweeping.estimate(sweeping.plan(sweep, {"batch_size": "8"})) is None


# ---- what a run came to --------------------------------------------------------------------------------------


def test_an_outcome_is_read_from_the_record(sweep: Sweep) -> None:
    run = next_of(queue_of(sweep))
    moments = [Probed(step, step, "parameters", (), "", {"a": (0.1 * step, 0.0), "b": (1.0, 0.0)}) for step in (1, 2)]
    validations = [Evaluated(step, step, "val", 0.5, share, ((1, 0), (0, 1)), 1.0, 0.1) for step, share in ((1, 0.7), (2, 0.6))]
    over(run, "finished", 0.8, 60.0, Stepped(2, 1, (0.9, 0.7), 1, 2, 0.1, 1.0), *moments, *validations)
    one = outcome.read(run)
    assert (one.status, one.loss, one.test_accuracy, one.val_accuracy, one.best_val_accuracy) == ("finished", 0.7, 0.8, 0.6, 0.7)
    assert one.classes == {"cat": 0.8, "dog": 1.0, "bird": 1.0}
    assert (one.parameters, one.steps[1]) == ({"a": 0.2, "b": 1.0}, (0.1, 1.0))
    assert (one.highest, one.seconds, one.finished) == (0.8, 60.0, True)


def an_outcome(**values: object) -> Outcome:
    return Outcome(Run(Path("20261121-071900-cnn-digits-7f3a")), **{"status": "finished", **values})  # type: ignore[arg-type]  # a test's shorthand


def test_a_difference_is_in_points_with_the_spread_over_seeds() -> None:
    entry = Entry("net", {}, Published(test_accuracy=0.75))
    (one,) = beside.figures(entry, [an_outcome(test_accuracy=0.76)])
    assert one.cells() == ("75.0 %", "76.0 %", "+1.0")
    (two,) = beside.figures(entry, [an_outcome(test_accuracy=0.70), an_outcome(test_accuracy=0.72), an_outcome(status="failed")])
    assert two.cells() == ("75.0 %", "71.0 ± 1.4 %", "−4.0")
    (none,) = beside.figures(entry, [])
    assert none.cells() == ("75.0 %", "·", "")


def test_a_bound_is_kept_by_all_that_was_measured_and_a_target_by_validation() -> None:
    bound = Entry("net", {}, Published(test_accuracy=0.103, at_most=True))
    (kept,) = beside.figures(bound, [an_outcome(test_accuracy=0.1, best_val_accuracy=0.102)])
    assert kept.cells() == ("≤ 10.3 %", "10.2 %", "−0.1 ✓")
    (passed,) = beside.figures(bound, [an_outcome(test_accuracy=0.1, best_val_accuracy=0.2)])
    assert passed.cells()[2] == "+9.7 ✕"
    (target,) = beside.figures(Entry("net", {}, Published(target=0.7)), [an_outcome(best_val_accuracy=0.71, test_accuracy=0.5)])
    assert (target.figure, target.cells()) == ("target, validation", ("70.0 %", "71.0 %", "+1.0 ✓"))


def test_what_was_not_published_is_measured_all_the_same() -> None:
    entry = Entry("net", {})
    assert [one.figure for one in beside.figures(entry, [an_outcome(test_accuracy=0.5)])] == ["test", "best validation"]
    (loss,) = beside.figures(entry, [an_outcome(loss=0.125)])
    assert loss.cells() == ("·", "0.125", "")


def test_classes_go_by_other_names_too() -> None:
    entry = Entry("net", {}, Published(classes={"plane": 0.7, "car": 0.8, "Dog": 0.6, "yeti": 0.1}))
    seen = beside.classes(entry, [an_outcome(classes={"airplane": 0.75, "automobile": 0.5, "dog": 0.6})])
    assert [one.measured for one in seen] == [(0.75,), (0.5,), (0.6,), ()]


def test_of_several_parameters_the_farthest_stands_beside_the_published_step() -> None:
    entry = Entry("net", {}, Published(steps=(0.2, math.nan, 0.4), parameters={"b": 1.0}))
    seen = an_outcome(steps={1: (0.2, 0.21), 3: (0.4, 0.4)}, parameters={"a": 0.4, "b": 0.9})
    assert [one.cells() for one in beside.steps(entry, [seen])] == [("0.2", "0.21", "+0.010"), ("0.4", "0.4", "0.000")]
    assert [one.cells() for one in beside.parameters(entry, [seen])] == [("1", "0.9", "−0.100")]
    assert beside.figures(entry, [seen]) == []


def test_the_widest_gap_is_of_what_can_be_compared() -> None:
    sweep = Sweep("s", Path("s"), entries=(Entry("a", {}, Published(test_accuracy=0.5)), Entry("b", {}, Published(target=0.1))))
    found = {"a": [an_outcome(test_accuracy=0.48)], "b": [an_outcome(best_val_accuracy=0.9)]}
    assert beside.widest(sweep, found) == pytest.approx(0.02)
    assert beside.widest(sweep, {}) is None


def test_tables_say_what_failed_and_name_a_run_once() -> None:
    entries = [Entry("a", {}, Published(test_accuracy=0.5, classes={"cat": 0.1, "dog": 0.2}, note="about")), Entry("b", {})]
    found = {"a": [an_outcome(status="failed", error="no net")]}
    figures, classes = result.parts(entries, found)
    assert figures.rows[0] == ("a", "test", "50.0 %", "·", "", "·", "7f3a failed")
    assert figures.rows[1][-1] == "not run"
    assert [row[0] for row in classes.rows] == ["a", ""]
    said = result.notes(Sweep("s", Path("s"), source="a book", note="ours"), entries, found)
    assert said == [("a", "run 7f3a failed: no net"), ("a", "about"), ("note", "ours"), ("published", "a book")]


def test_a_record_is_lines_of_json(sweep: Sweep) -> None:
    queue = queue_of(sweep)
    run = next_of(queue)
    assert queue.swept is not None
    head, how, line = [json.loads(text) for text in (queue.swept.folder / swept.FILE).read_text().splitlines()]
    assert (head["sweep"], head["given"]) == ("mine", {})
    assert how == {"seeds": 1, "halving": False}
    assert line == {"label": "one", "seed": 0, "run": run.name}


def test_a_loss_that_diverged_is_no_number_in_json() -> None:
    entry = Entry("net", {}, Published(loss=13.45))
    found = {"net": [an_outcome(loss=math.nan, status="diverged"), an_outcome(loss=1.0)]}
    text = json.dumps(as_json(Sweep("s", Path("s"), entries=(entry,)), [entry], found), allow_nan=False)
    (figure,) = json.loads(text)["runs"][0]["figures"]
    assert (figure["measured"], figure["mean"], figure["spread"]) == ([None, 1.0], None, None)


def test_a_bound_is_as_exact_as_it_was_published() -> None:
    bound = Entry("net", {}, Published(test_accuracy=0.103, at_most=True))
    assert [beside.figures(bound, [an_outcome(test_accuracy=share)])[0].holds for share in (0.1032, 0.1036)] == [True, False]


def test_a_reason_that_several_runs_share_is_said_once() -> None:
    entries = [Entry(label, {}, Published()) for label in ("a", "b", "c")]
    same = an_outcome(status="failed", error="no network")
    found = {"a": [same], "b": [same, same], "c": [an_outcome(status="diverged", error="the loss became nan")]}
    assert result.notes(Sweep("s", Path("s")), entries, found) == [
        ("a, b", "runs 7f3a, 7f3a, 7f3a failed: no network"),
        ("c", "run 7f3a diverged: the loss became nan"),
    ]
