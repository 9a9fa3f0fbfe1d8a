"""What a resumed run forgets: all that came after the checkpoint it goes on from. The part of the fold that goes backwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_trainer.events import Evaluated, LearningRateChanged, RunResumed, SettingChanged
from tui_trainer.runs.moments import Point
from tui_trainer.runs.plan import Planned
from tui_trainer.runs.speed import Speed
from tui_trainer.settings import BY_NAME

if TYPE_CHECKING:
    from tui_trainer.runs.told import Told

Change = LearningRateChanged | SettingChanged

MOST_HELD = 8


def hold(run: Told, step: int) -> None:
    """A checkpoint of this step exists, or will: the run may go on from there."""
    kept = {one.step for one in (run.saved, run.saved_best, run.resumed, run.best) if one is not None}
    run.loss.mark(step, kept)
    run.accuracy.mark(step, kept)
    run._held.setdefault(step, len(run.changes))
    for old in sorted(run._held)[:-MOST_HELD]:
        if old not in kept:
            del run._held[old]


def crown(run: Told) -> None:
    """The newest of those that were best is the best."""
    run.best_of = one = run._bests[-1] if run._bests else None
    run.best = Point(one.step, one.epoch, one.loss if one.accuracy is None else one.accuracy, one.seconds) if one else None


def plan(run: Told, change: Change) -> None:
    """Lay a change over the settings, and plan anew where it moves the end."""
    if not run._planned:
        return
    last, after = run._planned[-1], change.step - 1
    steps, per_epoch = last.steps, last.steps_per_epoch
    if isinstance(change, SettingChanged) and change.steps_per_epoch:
        steps, per_epoch = change.steps, change.steps_per_epoch
    if after == last.after:
        run._planned.pop()
    done = run.epoch_at(after) if run._planned else last.epochs
    run._planned.append(Planned(after, done, changed(last.config, change), steps, per_epoch))


def changed(config: dict[str, object], change: Change) -> dict[str, object]:
    """The settings with one changed. Of a rate that follows a schedule the setting is what the schedule multiplies."""
    if isinstance(change, SettingChanged):
        setting = BY_NAME.get(change.name)
        whole = setting is not None and setting.kind is int
        return config | {change.name: int(change.new) if whole else change.new}
    given = config.get("lr")
    if config.get("schedule", "constant") == "constant" or not change.old or not isinstance(given, (int, float)):
        return config | {"lr": change.new}
    return config | {"lr": given * change.new / change.old}


def drop(run: Told, event: RunResumed) -> None:
    """Forget every step after the one that the run goes on from, and what came of them."""
    step = event.step
    _settle(run, event)
    for series in (run.loss, run.accuracy):
        series.truncate(step)
    _drop_validations(run, step, evaluated=event.evaluated)
    run.trail.truncate(step)
    run.probed = {name: one for name, one in run.probed.items() if one.step <= step}
    run.timed = run.timed if run.timed and run.timed.step <= step else None
    run.saved = run.saved if run.saved and run.saved.step <= step else None
    run.saved_best = run.saved_best if run.saved_best and run.saved_best.step <= step else None
    run.test = run.ended = run.preparing = run.memory = None
    run.step, run.epoch, run.seconds = step, event.epoch, event.seconds
    run._clock.truncate(step, event.seconds)
    run._speed = Speed(event.seconds, step)
    run.resumed = event
    run.phase = "paused" if event.paused else "training"
    hold(run, step)


def _settle(run: Told, event: RunResumed) -> None:
    """Which changes stand, what is planned now, and what is said of all that."""
    standing = list(_standing(run, event))
    gone = [change for change in run.changes if change not in standing]
    if rates := [change for change in gone if isinstance(change, LearningRateChanged)]:
        run.lr = rates[0].old
    run.changes = standing
    run._held = {at: count for at, count in run._held.items() if at <= event.step}
    late = {change.step for change in standing if change.step > event.step}
    run.marks = [
        one for one in run.marks if _counts(one.kind, one.step, event, late) and one[:3] != (event.step, "resume", "resumed")
    ]
    notes = [one for one in run.notes if _counts(one.kind, one.step, event, late)]
    run.warnings -= sum(one.kind == "warning" for one in run.notes) - sum(one.kind == "warning" for one in notes)
    run.notes = notes
    _plan_anew(run, event)


def _standing(run: Told, event: RunResumed) -> Iterable[Change]:
    """The changes that the checkpoint holds: those before its last step, and those after it that came before the saving."""
    held = run._held.get(event.step, 0)
    for index, change in enumerate(run.changes):
        name = change.name if isinstance(change, SettingChanged) else "lr"
        at_once = change.step == event.step + 1 and (index < held or event.config.get(name) == change.new)
        if change.step <= event.step or at_once:
            yield change


def _counts(kind: str, step: int, event: RunResumed, late: set[int]) -> bool:
    """Whether a mark or a note is still true."""
    if kind in {"test", "end"}:
        return False
    if kind == "val" and step == event.step:
        return event.evaluated
    if kind == "diverged":
        return step < event.step
    return step <= event.step or (kind == "rate" and step in late)


def _plan_anew(run: Told, event: RunResumed) -> None:
    """What was planned up to there, and from there on as the event has it."""
    before = [one for one in run._planned if one.after <= event.step]
    first = run._planned[0] if run._planned else Planned(0, 0.0, run._given, 0, 0)
    config = dict(event.config) or (before[-1].config if before else first.config)
    if event.config:
        for change in run.changes:
            if isinstance(change, LearningRateChanged):
                config = changed(config, change)
    run._planned = before
    last = before[-1] if before else first
    steps, per_epoch = (event.steps, event.steps_per_epoch) if event.steps_per_epoch else (last.steps, last.steps_per_epoch)
    if before and last.after == event.step:
        run._planned.pop()
    done = last.epochs if before else event.step / max(per_epoch, 1)
    if run._planned:
        done = run.epoch_at(event.step)
    run._planned.append(Planned(event.step, done, config, steps, per_epoch))
    if run.started is not None:
        run.started = replace(
            run.started,
            config=config,
            steps=steps,
            steps_per_epoch=per_epoch,
            device=event.device or run.started.device,
            device_name=event.device_name or run.started.device_name,
            threads=event.threads or run.started.threads,
            precision=event.precision or run.started.precision,
        )
    run.threads = event.threads or run.threads


def _drop_validations(run: Told, step: int, *, evaluated: bool) -> None:
    def counts(one: Point | Evaluated) -> bool:
        return one.step <= step if evaluated else one.step < step

    run.val_loss, run.val_accuracy, run.val_mae, run.val_r2 = (
        list(filter(counts, points)) for points in (run.val_loss, run.val_accuracy, run.val_mae, run.val_r2)
    )
    run._epochs.truncate(counts)
    run.evaluation = run._epochs.at(None)
    run._bests = list(filter(counts, run._bests))
    crown(run)
