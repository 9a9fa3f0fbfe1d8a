"""What each command does: one call into the part that does it, imported only then, and printed."""

from __future__ import annotations

import argparse
import gc
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_trainer import paths, units
from tui_trainer.cli.options import PROGRAM, Misuse, settings_of
from tui_trainer.console.output import Output

if TYPE_CHECKING:
    from tui_trainer.app.app import Outcome


def refuse(*sentences: str) -> None:
    """Say what is wrong on standard error, a line each."""
    out = Output(sys.stderr)
    for sentence in sentences:
        out.line(f"{PROGRAM}: {units.plain(sentence)}")


def lab(given: argparse.Namespace) -> int:
    settings = settings_of(given)
    if settings or given.presets:
        _check({"preset": "cnn", **settings}, given.presets)
    words = ["train", given.preset or "cnn", *(("--dataset", given.dataset) if given.dataset else ())]
    need_terminal(f"the lab needs a terminal that can draw; here this trains without one: {PROGRAM} {shlex.join(words)}")
    gc.disable()  # a tenth of the time to the first frame; on again as soon as torch is there
    from tui_trainer.app import app  # textual: paid only by whoever opens the lab

    seen = app.run(settings, start=given.start, preset_folders=given.presets, theme=given.theme, ascii_only=given.ascii)
    last_words(seen, given.presets)


def _check(settings: dict[str, object], folders: Sequence[Path]) -> None:
    """Raises ConfigError for what cannot stand in the form; a list may, it makes a sweep."""
    from tui_trainer import preset, session
    from tui_trainer.session.several import is_list, several

    if is_list(settings):
        several(settings, {one.name: one for one in preset.everything(folders)})
    else:
        session.configure(settings, folders)


def need_terminal(otherwise: str) -> None:
    """Raises Misuse with this sentence where nothing can be drawn and typed."""
    if not can_draw():
        raise Misuse(otherwise)


def can_draw() -> bool:
    """Whether there is a terminal to draw on and to type into."""
    terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    return terminal and not paths.dumb_terminal()


def last_words(seen: Outcome, folders: Sequence[Path] = ()) -> NoReturn:
    """What stays in the scrollback of a screen that is closed, and the end."""
    from tui_trainer import session
    from tui_trainer.console import race
    from tui_trainer.console.summary import print_summary

    if seen.race is not None and not seen.terminal_gone:
        out = Output()
        out.lines(race.closing(seen.race, folders, out.width()))
    if seen.run is not None and not seen.terminal_gone:
        print_summary(seen.history, seen.run, folders)
    if seen.sweep and not seen.terminal_gone:
        Output().line(f"the sweep goes on with: {seen.sweep}")
    session.end_now(seen.code)


def train(given: argparse.Namespace) -> int:
    from tui_trainer import session
    from tui_trainer.cli import sweeping
    from tui_trainer.console.background import detach
    from tui_trainer.console.train import Manner
    from tui_trainer.console.train import train as here

    if (found := sweeping.of_train(given)) is not None:
        return sweeping.run(found, given)
    setup = session.configure(settings_of(given), given.presets)
    if given.detach:
        return unless_broken(lambda: detach(session.create(setup), quiet=given.quiet))
    return unless_broken(lambda: here(setup, Manner(given.presets, given.json, given.quiet)))


def unless_broken(trained: Callable[[], int]) -> int:
    """The exit code of what trains; 1 where a record cannot be written."""
    from tui_trainer.runs.store import StoreError

    try:
        return trained()
    except StoreError as error:
        refuse(str(error))
        return 1


def bench(given: argparse.Namespace) -> int:
    from tui_trainer import session
    from tui_trainer.console.bench import bench as here
    from tui_trainer.session.bench import BenchError

    setup = session.configure({"preset": "cnn", **settings_of(given)}, given.presets)
    try:
        return here(setup, seconds=given.within, json=given.json)
    except BenchError as error:
        refuse(str(error))
        return 1


def show(given: argparse.Namespace) -> int:
    from tui_trainer.console import record
    from tui_trainer.runs import store

    out, run = Output(), store.find(given.run)
    summary = store.summary(run)
    if given.json:
        out.line(record.as_json(summary, given.presets))
    else:
        colours = out.terminal and paths.colours() != "none"
        out.lines(record.lines(summary, out.width(), colours=colours, unicode=out.unicode, folders=given.presets))
    return 0


def presets(given: argparse.Namespace) -> int:
    from tui_trainer import preset
    from tui_trainer.console import tables

    out = Output()
    if given.name is None:
        out.lines(tables.presets(preset.everything(given.presets), out.width()))
    else:
        out.lines(tables.preset(preset.find(given.name, given.presets)))
    return 0


def datasets(given: argparse.Namespace) -> int:
    from tui_trainer import datasets as known
    from tui_trainer.console import datasets as said

    words = given.words
    if words[:1] == ["fetch"]:
        if len(words) == 1:
            raise Misuse(f"which one? for example {PROGRAM} datasets fetch cifar10")
        return said.fetch([known.find(name) for name in words[1:]])
    if len(words) > 1:
        raise Misuse(f"{words[1]!r} is one word too many; to fetch datasets: {PROGRAM} datasets fetch {' '.join(words)}")
    out, found = Output(), [known.find(name) for name in words] or list(known.DATASETS.values())
    if given.json:
        out.line(said.as_json(found))
    else:
        out.lines(said.in_full(found[0], out.width()) if words else said.listed(found, out.width()))
    return 0


def devices(given: argparse.Namespace) -> int:
    from tui_trainer import session
    from tui_trainer.console import tables

    out = Output()
    out.lines(tables.devices(session.devices(), out.width()))
    return 0
