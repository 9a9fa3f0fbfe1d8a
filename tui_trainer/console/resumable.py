"""What to type for a run that nobody trains, and for one that somebody trains elsewhere."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.commands import Set, SetLearningRate
from tui_trainer.config import option_of
from tui_trainer.events import OutOfMemory, RunEnded
from tui_trainer.runs import ends, store
from tui_trainer.runs.history import History
from tui_trainer.runs.remedy import remedy
from tui_trainer.runs.store import Run, Summary
from tui_trainer.session.resuming import MORE

PROGRAM = "tui-trainer"
STATES = {
    "new": "was made and never begun",
    "lost": "is lost: it has no end, and nobody trains it any more",
    "finished": "has finished",
    "stopped": "was stopped",
    "abandoned": "was abandoned",
}
"""What is said of a run in a sentence."""


def resume(run: Run, *more: str) -> str:
    """`tui-trainer resume 7f3a`"""
    return " ".join([PROGRAM, "resume", run.id, *more])


def attach(run: Run) -> str:
    return f"{PROGRAM} attach {run.id}"


def stop(run: Run) -> str:
    return f"{PROGRAM} send {run.id} stop"


def going_on(run: Run, history: History) -> str:
    """The command that goes on with a run that is over, with the one change that it needs."""
    unit = history.budget[0]
    return _going_on(run, history.ended, history.short, unit if unit in MORE else "epochs")


def _going_on(run: Run, ended: RunEnded | None, short: OutOfMemory | None, unit: str) -> str:
    if ended is None:
        return resume(run)
    if ended.reason == "finished":
        return resume(run, f"--{unit}", MORE[unit])
    match remedy(ended, short):
        case SetLearningRate(lr):
            return resume(run, "--lr", units.lr(lr))
        case Set(name, value):
            return resume(run, option_of(name), f"{value:.15g}")
    return resume(run)


def refused(summary: Summary) -> str:
    """Why a run can be asked nothing, and what to do: a sentence for one that nobody trains."""
    run, last = summary.run, ends.newest(summary.run.events)
    ended = last[-1] if last and isinstance(last[-1], RunEnded) else None
    goes_on = _going_on(run, ended, None, summary.config.budget[0])
    return f"run {run.id} {STATES.get(summary.status, summary.status)}, so nobody is there to ask; this goes on with it: {goes_on}"


def newest_alive() -> Run | None:
    """The newest run that somebody trains."""
    return next((run for run in store.everything() if store.summary(run).alive), None)


def none_alive() -> str:
    """That nobody trains anything, with the run that one may want to go on with: one that is lost, else one that was stopped."""
    found = [store.summary(run) for run in store.everything()]
    for states in ({"lost"}, {"stopped", "abandoned"}):
        for one in found:
            if one.status in states:
                return f"no run is being trained; run {one.run.id} {STATES[one.status]}, this goes on with it: {resume(one.run)}"
    return f"no run is being trained; {PROGRAM} runs lists those there are, {PROGRAM} train cnn begins one"
