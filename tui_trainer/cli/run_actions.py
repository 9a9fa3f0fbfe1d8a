"""What each command does to a run that is there: go on with it, ask things of it, repeat it, look at it."""

from __future__ import annotations

import argparse
import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.cli.actions import last_words, need_terminal, unless_broken
from tui_trainer.cli.options import PROGRAM, Misuse, settings_of
from tui_trainer.cli.run_options import budget_of, changes_of

if TYPE_CHECKING:
    from tui_trainer.runs.store import Run


def resume(given: argparse.Namespace) -> int:
    from tui_trainer import session
    from tui_trainer.commands import Continue, FitBatch, StopAt
    from tui_trainer.console import background, orders
    from tui_trainer.console.train import Manner, here
    from tui_trainer.runs import store
    from tui_trainer.session.resuming import MORE

    if given.all_lost:
        return _all_lost(given)
    if given.run is None:
        raise Misuse(f"which run? for example {PROGRAM} resume last; {PROGRAM} resume --all-lost takes every one that is lost")
    run = store.find(given.run)
    unit, budget = budget_of(given)
    known = orders.facts(run)
    if unit and unit != known.config.budget[0]:
        had, amount = known.config.budget
        raise Misuse(f"--{unit} {budget}: the budget of run {run.id} is {amount:g} {had}, as in --{had} {MORE[had]}")
    try:
        asked = orders.changes(changes_of(given), known)
    except orders.OrderError as wrong:
        raise Misuse(str(wrong)) from wrong
    asked += (FitBatch(),) if given.fit_batch else ()
    asked += (given.stop_at,) if given.stop_at else ()
    checkpoint = BEST if given.best else LAST
    if given.background:
        return here(run, Manner(background=True), resume=session.Resume(checkpoint, budget, asked, given.unended))
    # Whoever resumes a paused run wants it to go on, and one that a sweep was to stop early not to stop there.
    asked = asked if given.stop_at else (*asked, StopAt(known.config.budget[0], 0.0))
    wanted = session.Resume(checkpoint, budget, (*asked, Continue()))
    head = background.head(run, session.resumption(run, wanted))
    if given.detach:
        return background.detach(run, head=head, resume=wanted, quiet=given.quiet)
    return unless_broken(lambda: here(run, Manner(json=given.json, quiet=given.quiet), head=head, resume=wanted))


def _all_lost(given: argparse.Namespace) -> int:
    from tui_trainer.console import background

    more = given.run or budget_of(given)[0] or changes_of(given)
    if more or given.best or given.fit_batch or given.json or given.quiet:
        raise Misuse("--all-lost stands alone: each run goes on as it was, in the background")
    return background.all_lost()


def send(given: argparse.Namespace) -> int:
    from tui_trainer.console import orders
    from tui_trainer.console import send as sending
    from tui_trainer.runs import store

    wait = 0.0 if given.no_wait else sending.PATIENCE
    try:
        return sending.send(store.find(given.run), given.order, scale_rate=given.scale_rate, wait=wait)
    except orders.OrderError as wrong:
        raise Misuse(str(wrong)) from wrong


def repeat(given: argparse.Namespace) -> int:
    from tui_trainer import session
    from tui_trainer.console import background
    from tui_trainer.console import repeat as again
    from tui_trainer.console.train import Manner, here, name
    from tui_trainer.runs import store

    before = store.find(given.run)
    given.preset = before.config().preset
    setup = again.setup(before, settings_of(given))
    changes = again.steered(before) if given.steered else ()
    run = session.create(setup, steering=changes, preset_file=before.preset_file)
    head = [name(run), *again.head(before, changes, asked=given.steered)]
    if given.detach:
        return background.detach(run, head=head, quiet=given.quiet)
    return unless_broken(lambda: here(run, Manner(json=given.json, quiet=given.quiet), head=head))


def attach(given: argparse.Namespace) -> int:
    return _screen(given, read_only=False)


def watch(given: argparse.Namespace) -> int:
    return _screen(given, read_only=True)


def _screen(given: argparse.Namespace, *, read_only: bool) -> int:
    from tui_trainer.console import resumable
    from tui_trainer.runs import store

    run = store.find(given.run) if given.run else None
    if run is None:
        one = resumable.newest_alive()
        if one is None:
            raise store.StoreError(resumable.none_alive())
        run = one
    use = f"without one: {PROGRAM} show {run.id}, or {PROGRAM} send {run.id} pause"
    need_terminal(f"the screen needs a terminal that can draw; {use}")
    gc.disable()  # a tenth of the time to the first frame; on again as soon as that is there
    from tui_trainer.app import app  # textual: paid only by whoever opens it

    last_words(app.run({}, theme=given.theme, ascii_only=given.ascii, attach=run, read_only=read_only))


def export(given: argparse.Namespace) -> int:
    from tui_trainer.console.export import export_runs

    drawn = {kind: partial(_drawn, kind, given) for kind in ("svg", "png")}
    return export_runs(given.runs, given.kinds or (), given.to, given.presets, drawn)


def _drawn(kind: str, given: argparse.Namespace, run: Run, told: object, folder: Path, folders: object) -> tuple[list[Path], str]:
    """The Lab with this run as `screen.svg` or `screen.png`."""
    from tui_trainer.app import picture, portrait  # textual: paid only by whoever wants a picture
    from tui_trainer.runs.store import StoreError

    path = folder / f"screen.{kind}"
    try:
        drawn = portrait.portrait(run, given.size or portrait.SIZE, light=given.light)
        if kind == "png":
            picture.png(drawn, path)
        else:
            path.write_text(drawn, encoding="utf-8")
    except picture.NoPicture as error:
        raise StoreError(str(error)) from error
    return [path], ""
