"""What the header's corner and the status line say, from the state of the whole app. Pure functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.status import StatusView, beside, status_of

if TYPE_CHECKING:
    from tui_trainer.app.live import Live
    from tui_trainer.app.widgets.form import SetupForm
    from tui_trainer.app.widgets.header import Spans
    from tui_trainer.session import Torch


def corner(live: Live, torch: Torch) -> list[Spans]:
    """The right end of the header in several lengths, longest first."""
    if live.session is None:
        if torch.problem:
            return [[("torch cannot be loaded", "worse")]]
        ready = [(f"torch {torch.version.partition('+')[0]} ready", "text")] if torch.ready else [("loading torch", "dim")]
        return [[("no run yet · ", "dim"), *ready], ready]
    config, run = live.config, live.session.run
    pair = [
        (units.plain(str(config.get("preset"))), "bright"),
        (" on ", "dim"),
        (units.plain(str(config.get("dataset"))), "bright"),
    ]
    started = live.history.started
    device = [(" · ", "faint"), (started.device if started else str(config.get("device")), "text")]
    return [
        [*pair, *device, (" · ", "faint"), ("run ", "text"), (run.id, "text")],
        [*pair, (" · ", "faint"), (run.id, "text")],
        [(run.id, "text")],
    ]


def state(live: Live, form: SetupForm, *, loading: str, scrubbed: int | None) -> StatusView:
    """The status line of the run that is open, or of the form while there is none."""
    if live.problem:
        return StatusView("failed", f"failed: {live.problem}")
    history = live.history
    if live.session is None:
        return replace(status_of(history, problems=len(form.problems)), about=_data(form))
    if live.lost:
        return _lost(live)
    if live.resuming:
        doing = history.preparing
        return StatusView("loading", f"resuming: {doing.what}" if doing else "resuming", about=beside(_role(live)))
    view = status_of(history, role=_role(live), loading=loading or "starting")
    if live.active and live.session.trouble:
        return replace(view, problem=live.session.trouble)
    if scrubbed is not None:
        seen = history.epochs_seen()
        return replace(view, state="scrubbing", word=f"epoch {scrubbed} of {seen[-1] if seen else scrubbed}", result="", epoch=0)
    if not live.active and form.problems and not live.read_only:
        return replace(view, problem=f"{len(form.problems)} field{'s' if len(form.problems) > 1 else ''} to fix")
    return view


def placed(view: StatusView, place: str) -> StatusView:
    """The same with words on where the run stands among others."""
    return replace(view, about=place) if place else view


def letting_go(view: StatusView) -> StatusView:
    """The same while a process in the background is about to take the run."""
    return replace(view, state="loading", word="handing over", about="")


def reading(live: Live) -> str:
    """What the status line says while a long record is read."""
    return f"reading the record, {units.size(left)} to go" if (left := live.reading) else ""


def saying(view: StatusView, text: str) -> StatusView:
    """The same with a sentence for a few seconds."""
    return replace(view, said=text) if text else view


def _role(live: Live) -> str:
    """What this app is to the run: it only watches, or it steers what another process trains; nothing where it trains it."""
    if live.read_only:
        return "watching"
    return "attached" if live.attached else ""


def _lost(live: Live) -> StatusView:
    """Of a record that stopped without an end."""
    step = live.history.step
    word = f"lost at step {units.count(step)}" if step else "lost before its first step"
    about = "nobody trains it any more" if live.read_only else "nobody trains it any more: g resumes it"
    return StatusView("lost", word, about=about, saved=live.history.saved.step if live.history.saved else None)


def _data(form: SetupForm) -> str:
    """`digits in memory, 1 293 train + 144 val + 360 test`"""
    setup = form.setup
    if setup is None:
        return ""
    train, val, test = setup.splits
    return f"{setup.dataset.name}: {units.count(train)} train + {units.count(val)} val + {units.count(test)} test"
