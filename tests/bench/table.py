"""What the engine must show, row by row, on this machine: `python tests/bench/table.py FOLDER [ROW ...]`, by hand.

FOLDER has the ten classes of CIFAR-10 below train/ and test/. The MLP learns MNIST where the files lie in the datasets' home.
Two loops take turns in slices within one process. The figure of a row is the ratio of the medians; behind it stand the middle
half of the ratios of the rounds, and how many slices others disturbed: the mark is a `?` where that is half of them. `speedrun`
and `accuracy` train whole runs: the better part of an hour each with five seeds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch

sys.path.insert(0, str(Path(__file__).parent))

import recipes  # beside this file
import tutorial
import whole
from recipes import Recipe

from tui_trainer import units
from tui_trainer.engine.loops import Ours, Theirs
from tui_trainer.engine.neighbours import Neighbours
from tui_trainer.engine.prepare import Ready
from tui_trainer.engine.rounds import Rounds, Taking, take_turns
from tui_trainer.events import Event
from tui_trainer.runs import log
from tui_trainer.session.recorder import Recorder

BURNER = "while True: pass"


SETTLING = 15
"""Slices that a run has to itself before the turns begin: its governor finds the number of threads, as in any longer run."""


class Asked(NamedTuple):
    """What was said on the command line."""

    folder: str
    rounds: int
    slice: float
    seeds: int
    epochs: int | None
    recipes: tuple[str, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all of them where none is given")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--slice", type=float, default=0.7, help="seconds")
    parser.add_argument("--seeds", type=int, default=5, help="of speedrun and accuracy")
    parser.add_argument("--epochs", type=int, help="of accuracy, instead of each recipe's own")
    parser.add_argument("--recipes", default=",".join(recipes.RECIPES), help="of accuracy, with commas between them")
    given = parser.parse_args()
    if unknown := [row for row in given.rows if row not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    folder = f"folder:{given.folder.resolve()}"
    asked = Asked(folder, given.rounds, given.slice, given.seeds, given.epochs, tuple(given.recipes.split(",")))
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads by default", flush=True)
    for row in given.rows or ROWS:
        try:
            ROWS[row](asked)
        except recipes.Absent as reason:
            print(f"  {row}: skipped, {reason}", flush=True)
    return 0


def said(name: str, found: Rounds, at_least: float, reach: float, ours: str = "ours", theirs: str = "tutorial") -> None:
    """A row: the ratio of the medians and all that is needed to judge it."""
    ratio = found.speed(ours) / found.speed(theirs)
    low, high = found.quartiles(ours, theirs)
    mark = "?" if found.noisy >= len(found) else "✓" if ratio >= at_least else "✕"
    disturbed = f"{found.noisy} of {2 * len(found)} slices disturbed, {found.repeated} repeated"
    speeds = f"{units.speed(found.speed(ours))} against {units.speed(found.speed(theirs))} a second"
    print(f"{mark} {name:<46} {ratio:5.2f} ({low:.2f} to {high:.2f}, {len(found)} rounds; {disturbed}); {speeds}; ", end="")
    print(f"at least {at_least:g}, reach for {reach:g}", flush=True)


def how(ours: Ours) -> str:
    """What the run came to by itself: number format and threads."""
    return f"{ours.ready.precision}, {ours.threads} thread{'s' if ours.threads > 1 else ''}"


def turns(loops: list[Taking], asked: Asked, others: Callable[[], float] | None = None, rounds: int = 0) -> Rounds:
    for loop in loops:
        loop.turn(asked.slice)  # only warms up
    rounds = rounds or asked.rounds
    return take_turns(loops, rounds=rounds, seconds=asked.slice, others=others or Neighbours().cores, repeats=2 * rounds)


def pair(recipe: Recipe, asked: Asked, folder: str, **settings: object) -> tuple[Ours, Theirs]:
    """Both loops of a recipe, from the same weights, ours with its record written."""
    default = torch.get_num_threads()
    ready = recipes.ready(recipe, asked.folder, **settings)
    log_file = Path(folder) / f"{recipe.name}.jsonl"
    ours = Ours(ready, Path(folder), recorded(log_file, ready))
    return ours, Theirs(ready, tutorial_module(), default, net=recipes.written(recipe, ready))


def tutorial_module() -> Any:
    return tutorial


def recorded(path: Path, ready: Ready) -> Callable[[Event], None]:
    """Into a record, as every run writes one."""
    from tui_trainer.engine.prepare import started

    record = Recorder(log.Writer(path), ())
    record(started(ready))
    return record


def same_recipe(name: str, precision: str, at_least: float, reach: float) -> Callable[[Asked], None]:
    def row(asked: Asked) -> None:
        default = torch.get_num_threads()
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = pair(recipes.RECIPES[name], asked, folder, precision=precision)
            ours.turn(SETTLING * asked.slice)
            found = turns([ours, theirs], asked)
        torch.set_num_threads(default)
        said(f"{recipes.RECIPES[name].label}, {precision} ({how(ours)})", found, at_least, reach)

    return row


def validation(asked: Asked) -> None:
    """10 000 pictures with the figures of every class."""
    recipe, default = recipes.RECIPES["conv"], torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        ours, _ = pair(recipe, asked, folder, precision="auto")
        ours.turn(SETTLING * asked.slice)
    loops = [whole.OurEvaluation(ours.ready, ours.threads), whole.TheirEvaluation(ours.ready, default)]
    found = turns(loops, asked, rounds=max(3, asked.rounds // 2))
    torch.set_num_threads(default)
    said(f"validation of {units.count(whole.EVALUATED)} ({how(ours)})", found, 8, 15)


def busy(asked: Asked) -> None:
    """Another process keeps one core busy all the while; it is started and ended here."""
    default = torch.get_num_threads()
    burner = subprocess.Popen([sys.executable, "-c", BURNER])
    try:
        for precision in ("fp32", "auto"):
            with tempfile.TemporaryDirectory() as folder:
                ours, theirs = pair(recipes.RECIPES["conv"], asked, folder, precision=precision)
                ours.turn(SETTLING * asked.slice)
                found = turns([ours, theirs], asked._replace(slice=2 * asked.slice), lambda: 0.0)
            torch.set_num_threads(default)
            said(f"one core busy, {precision} ({how(ours)})", found, 3, 5)
    finally:
        burner.kill()
        burner.wait()


def reporting(asked: Asked) -> None:
    """The trainer with losses, record and figures against a loop over the same batches that says nothing. Then the screen."""
    for name in ("conv", "mlp"):
        default = torch.get_num_threads()
        try:
            ready = recipes.ready(recipes.RECIPES[name], asked.folder, threads="1")
        except recipes.Absent as reason:
            print(f"  reporting, {name}: skipped, {reason}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            ours = Ours(ready, Path(folder), recorded(Path(folder) / "log.jsonl", ready))
            found = turns([ours, whole.Bare(ready)], asked, rounds=4 * asked.rounds)
        torch.set_num_threads(default)
        ratios = found.ratios("ours", "bare")
        low, high = found.quartiles("ours", "bare")
        cost = 1 - median(ratios)
        print(f"{'✓' if cost <= 0.02 else '✕'} reporting on, {recipes.RECIPES[name].label}: {100 * cost:.1f} % ", end="")
        print(f"({100 * (1 - high):.1f} to {100 * (1 - low):.1f}, {len(found)} rounds, {found.noisy} slices disturbed); ", end="")
        print("at most 2 %, reach for 1 %", flush=True)
    print("  and the screen, drawn against not drawn:", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).parent / "screen.py"), "windows"], check=False)


def speedrun(asked: Asked) -> None:
    whole.speedrun(asked.folder, asked.seeds)


def accuracy(asked: Asked) -> None:
    for name in asked.recipes:
        try:
            whole.accuracy(recipes.RECIPES[name], asked.folder, asked.seeds, asked.epochs)
        except recipes.Absent as reason:
            print(f"  accuracy, {name}: skipped, {reason}", flush=True)


ROWS: dict[str, Callable[[Asked], None]] = {
    "conv-fp32": same_recipe("conv", "fp32", 1.6, 2),
    "mlp-fp32": same_recipe("mlp", "fp32", 1.8, 2.5),
    "conv-auto": same_recipe("conv", "auto", 2.1, 3),
    "three-auto": same_recipe("three", "auto", 2.3, 3),
    "convbn-auto": same_recipe("convbn", "auto", 2.5, 3),
    "validation": validation,
    "busy": busy,
    "reporting": reporting,
    "speedrun": speedrun,
    "accuracy": accuracy,
}

if __name__ == "__main__":
    sys.exit(main())
