"""What it takes to go on with a run: from which checkpoint, how far, and why it cannot be. Needs no torch."""

from __future__ import annotations

import filecmp
import zipfile
from dataclasses import dataclass, replace

from tui_trainer import preset, units
from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.commands import Command
from tui_trainer.config import BUDGETS, BY_NAME, Config, ConfigError
from tui_trainer.preset import PresetError
from tui_trainer.runs import store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.past import Past, is_held

MORE = {"epochs": "+5", "steps": "+1000", "seconds": "+60"}
"""A longer budget, as an example."""


@dataclass(frozen=True, slots=True)
class Resume:
    """How to go on with a run."""

    checkpoint: str = LAST
    """Or `best.pt`."""
    budget: str = ""
    """`12`, or `+5` for so much more: epochs, steps or seconds, as the budget of the run is. Empty leaves it as it was."""
    asked: tuple[Command, ...] = ()
    """Obeyed before the first batch."""
    unended: bool = False
    """Only if it was let go of, or was lost: whoever waits for a run must not go on with one that was stopped meanwhile."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """What happens when a run goes on."""

    step: int
    """The last one that counts."""
    checkpoint: str
    """Empty where it begins again, because nothing was saved."""
    says: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""
    budget: tuple[str, float] | None = None
    """The longer budget, in all; None leaves that of the checkpoint."""


def resumption(run: Run, resume: Resume | None = None) -> Resumption:
    """What would happen. Raises StoreError with what is in the way, and what would be right.

    Whether a checkpoint can be used is known for sure only when it is loaded; one that is cut short is refused here already.
    """
    past = Past.of(run)
    if is_held(run):
        by = f" by process {past.hosted.pid}" if past.hosted else ""
        raise StoreError(f"run {run.id} is being trained{by}: tui-trainer attach {run.id}")
    return settled(run, resume or Resume(), past)


def settled(run: Run, resume: Resume, past: Past) -> Resumption:
    """The same for a run that nobody else holds."""
    config = run.config()
    if resume.unended and past.ended is not None and not past.handed_over:
        raise StoreError(f"run {run.id} has ended meanwhile: {past.status}")
    budget = _budget(run, resume, past, config)
    checkpoint, says = _checkpoint(run, resume, past)
    saved = past.best if checkpoint == BEST else past.last
    step = saved.step if checkpoint and saved is not None else 0
    return Resumption(step, checkpoint, (*says, *_preset_changed(run, config)), budget)


def in_all(run: Run, resume: Resume) -> Resume:
    """The same with a budget that says how many in all, so that it can be given twice. Raises StoreError."""
    if not resume.budget:
        return resume
    unit, before = _budget_now(Past.of(run), run.config())
    return replace(resume, budget=f"{_total(unit, before, resume.budget):.12g}")


def lengthened(run: Run) -> Config:
    """The settings that a run was given, with its budget as long as it was made since. Raises StoreError."""
    config, resumed = run.config(), Past.of(run).resumed
    longer = {unit: resumed.config[unit] for unit in BUDGETS if resumed.config.get(unit) is not None} if resumed else {}
    try:
        return config.but(**longer)
    except ConfigError:  # written by another version
        return config


def lost() -> list[Run]:
    """Runs that nobody trains any more, and that have no end; newest first."""
    return [run for run in store.everything() if store.summary(run).status == "lost"]


def _budget(run: Run, resume: Resume, past: Past, config: Config) -> tuple[str, float] | None:
    unit, before = _budget_now(past, config)
    finished = past.status == "finished"
    if not resume.budget:
        if finished:
            more = f"tui-trainer resume {run.id} --{unit} {MORE[unit]}"
            raise StoreError(f"run {run.id} has finished its {_amount(unit, before)}; to give it more: {more}")
        return (unit, before) if past.newest_config else None
    total = _total(unit, before, resume.budget)
    if finished and total <= before:
        raise StoreError(f"run {run.id} has finished {_amount(unit, before)} already: more than that is needed, as in {MORE[unit]}")
    saved = past.last
    if saved is not None and total < _done(unit, saved.step, saved.epoch, saved.seconds):
        raise StoreError(f"run {run.id} is further than {_amount(unit, total)} already: more is needed, as in {MORE[unit]}")
    return unit, total


def _budget_now(past: Past, config: Config) -> tuple[str, float]:
    """That of the newest time that it went on, or began again: it may have been made longer, and killed before that was saved."""
    unit, given = config.budget
    amount = past.newest_config.get(unit)
    return unit, amount if isinstance(amount, (int, float)) and not isinstance(amount, bool) else given


def total(unit: str, before: float, text: str) -> float:
    """The whole budget that `12` or `+5` stands for. Raises ValueError with what would be right."""
    setting, words = BY_NAME[unit], text.strip()
    value = setting.parse(words.removeprefix("+"))
    return float(setting.parse(before + float(value) if words.startswith("+") else value))


def _total(unit: str, before: float, text: str) -> float:
    try:
        return total(unit, before, text)
    except ValueError as error:
        raise StoreError(f"--{unit} {text}: {error}; or so much more, as in {MORE[unit]}") from error


def _done(unit: str, step: int, epoch: int, seconds: float) -> float:
    return {"epochs": float(epoch), "steps": float(step)}.get(unit, seconds)


def _amount(unit: str, amount: float) -> str:
    return f"{units.count(int(amount)) if amount == int(amount) else f'{amount:g}'} {unit if amount != 1 else unit[:-1]}"


def _checkpoint(run: Run, resume: Resume, past: Past) -> tuple[str, tuple[str, ...]]:
    """The file to go on from, and what is to be said of it."""
    there = {name: (run.checkpoints / name).is_file() for name in (LAST, BEST)}
    epoch = f" of epoch {past.best.epoch}" if past.best else ""
    if resume.checkpoint == BEST and not there[BEST]:
        raise StoreError(f"run {run.id} has no best.pt")
    if there[resume.checkpoint]:
        if not zipfile.is_zipfile(run.checkpoints / resume.checkpoint):
            raise StoreError(f"{resume.checkpoint} of run {run.id} is damaged{best_instead(run, resume.checkpoint, past)}")
        return resume.checkpoint, ()
    if there[BEST]:
        return BEST, (f"last.pt is not there: it goes on from best.pt{epoch}",)
    if past.status == "finished":
        raise StoreError(f"run {run.id} has finished, and its checkpoints are gone; to train it anew: tui-trainer repeat {run.id}")
    return "", ("nothing was saved yet: it begins again",) if past.started else ()


def best_instead(run: Run, checkpoint: str, past: Past) -> str:
    """The offer of `best.pt` in place of a checkpoint that cannot be used; empty where there is none."""
    if checkpoint == BEST or not zipfile.is_zipfile(run.checkpoints / BEST):
        return ""
    epoch = f" of epoch {past.best.epoch}" if past.best else ""
    return f"; best.pt{epoch} is whole: tui-trainer resume {run.id} --best"


def _preset_changed(run: Run, config: Config) -> tuple[str, ...]:
    try:
        now = preset.find(config.preset).path
        same = filecmp.cmp(now, run.preset_file, shallow=False)
    except (PresetError, OSError):  # there is nothing to mistake it for
        return ()
    return () if same else (f"the preset {config.preset} is another by now: the run goes on with its own copy",)
