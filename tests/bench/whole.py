"""Whole runs and whole evaluations for `table.py`: how soon, how good, and by what interval."""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import recipes  # beside this file
import torch
import tutorial
from recipes import Recipe
from torch import nn

from tui_trainer import units
from tui_trainer.engine import loops
from tui_trainer.engine.evaluate import evaluate
from tui_trainer.engine.loop import Trainer
from tui_trainer.engine.neighbours import Neighbours
from tui_trainer.engine.prepare import Ready
from tui_trainer.engine.rounds import Slice
from tui_trainer.engine.saves import Saves
from tui_trainer.engine.splits import Split
from tui_trainer.events import Evaluated, Event

EVALUATED = 10_000
THEIR_BATCH = 32


class OurEvaluation:
    """All of the test split, with its confusion matrix."""

    name = "ours"

    def __init__(self, ready: Ready, threads: int) -> None:
        self._ready, self._threads, self._split = ready, threads, first(ready.data.test)

    def turn(self, seconds: float) -> Slice:
        ready, began = self._ready, time.perf_counter()
        torch.set_num_threads(self._threads)
        found = evaluate(ready.built.net, ready.data, self._split, ready.loss, cast=ready.cast)
        assert sum(map(sum, found.confusion)) == len(self._split)
        return Slice(len(self._split), time.perf_counter() - began)


class TheirEvaluation:
    """The same samples, as the tutorial tries a net."""

    name = "tutorial"

    def __init__(self, ready: Ready, threads: int) -> None:
        split = first(ready.data.test)
        dataset = loops.samples(ready, tutorial, split.take(slice(None)).contiguous(), split.targets)
        self._batches, self._count = tutorial.loader(dataset, THEIR_BATCH), len(split)
        self._net, self._classes, self._threads = loops.as_written(ready.built.net), ready.data.classes, threads

    def turn(self, seconds: float) -> Slice:
        began = time.perf_counter()
        torch.set_num_threads(self._threads)
        tutorial.evaluate(self._net, self._batches, self._classes)
        return Slice(self._count, time.perf_counter() - began)


def first(split: Split) -> Split:
    """At most so many samples of it as are evaluated, held as they are."""
    return Split(split.take(slice(0, EVALUATED)), split.targets[:EVALUATED])


class Bare:
    """A loop over the same batches that reports nothing, obeys nobody and reads no loss."""

    name = "bare"

    def __init__(self, ready: Ready) -> None:
        self._ready = loops.variant(ready)
        self._epoch = 0
        self._batches = iter(())

    def turn(self, seconds: float) -> Slice:
        ready, seen, began = self._ready, 0, time.perf_counter()
        torch.set_num_threads(ready.threads)
        while time.perf_counter() - began < seconds:
            if (batch := next(self._batches, None)) is None:
                self._epoch += 1
                self._batches = iter(ready.data.batches(self._epoch, ready.config.batch_size))
                continue
            inputs, targets = batch
            with ready.cast():
                outputs = ready.built.net(inputs)
            ready.loss(outputs.float(), targets).backward()
            ready.optimizer.step()
            ready.optimizer.zero_grad()
            seen += len(targets)
        return Slice(seen, time.perf_counter() - began)


class Timekeeper(Trainer):
    """The trainer, which counts the seconds of its training loop alone."""

    learned = 0.0

    def learn(self) -> None:
        began = time.perf_counter()
        try:
            super().learn()
        finally:
            self.learned += time.perf_counter() - began


def our_run(ready: Ready) -> tuple[float, float]:
    """Seconds of the training loop of a whole run, and its test accuracy."""
    events: list[Event] = []
    torch.set_num_threads(ready.threads)
    with tempfile.TemporaryDirectory() as folder:
        saves = Saves(Path(folder), events.append, time.perf_counter)
        run = Timekeeper(ready, saves, events.append, list, time.perf_counter, time.sleep)
        run.run([])
    (tested,) = [event.accuracy for event in events if isinstance(event, Evaluated) and event.split == "test"]
    assert tested is not None
    return run.learned, tested


def their_run(ready: Ready, net: nn.Module, seed: int, threads: int) -> tuple[float, float]:
    """The same of the tutorial's loop, from the same weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    config = ready.config
    batches = tutorial.loader(loops.dataset(ready, tutorial), config.batch_size, shuffle=True)
    optimizer = loops.plain_optimizer(ready, net)
    began = time.perf_counter()
    for _ in tutorial.train(net, batches, ready.loss, optimizer, epochs=config.epochs or 1):
        pass
    took = time.perf_counter() - began
    test = ready.data.test
    tested = loops.samples(ready, tutorial, test.take(slice(None)).contiguous(), test.targets)
    return took, tutorial.evaluate(net, tutorial.loader(tested, config.batch_size), ready.data.classes)["total"]


def their_net(recipe: Recipe, ready: Ready) -> nn.Module:
    return recipes.written(recipe, ready) or loops.as_written(ready.built.net)


def speedrun(folder: str, seeds: int) -> None:
    """Seconds to the end of the speedrun against four epochs of the tutorial's loop, by turns, seed by seed."""
    fast = Recipe("speedrun", "speedrun", {"preset": "speedrun", "schedule": None})
    default, others = torch.get_num_threads(), Neighbours()
    figures: list[tuple[float, float, float, float]] = []
    for seed in range(seeds):
        quick = recipes.ready(fast, folder, seed=seed)
        others.cores()
        here = our_run(quick)
        used = others.cores()
        slow = recipes.ready(recipes.RECIPES["conv"], folder, seed=seed, precision="fp32")
        others.cores()
        there = their_run(slow, their_net(recipes.RECIPES["conv"], slow), seed, default)
        torch.set_num_threads(default)
        figures.append((*here, *there))
        print(f"  seed {seed}: speedrun {here[0]:.1f} s, {units.percent(here[1])} (others {used:.2f} cores); ", end="")
        print(f"tutorial {there[0]:.1f} s, {units.percent(there[1])} (others {others.cores():.2f} cores)", flush=True)
    ours, theirs = (fmean(one[at] for one in figures) for at in (1, 3))
    ratio = median(one[2] / one[0] for one in figures)
    mark = "✓" if ratio >= 16 and ours >= 0.7 else "✕"
    print(f"{mark} speedrun to {units.percent(ours)} test, tutorial {units.percent(theirs)}: {ratio:.1f} times sooner ", end="")
    print(f"(median of {seeds} seeds); at least 16 and 70 %, reach for 25", flush=True)


def accuracy(recipe: Recipe, folder: str, seeds: int, epochs: int | None) -> None:
    """Test accuracy of ours, in both number formats, and of the tutorial's loop: the difference, with its interval."""
    default = torch.get_num_threads()
    changed: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    found: dict[str, list[float]] = {"fp32": [], "auto": [], "tutorial": []}
    for seed in range(seeds):
        for precision in ("fp32", "auto"):
            found[precision].append(our_run(recipes.ready(recipe, folder, seed=seed, precision=precision, **changed))[1])
        plain = recipes.ready(recipe, folder, seed=seed, precision="fp32", **changed)
        found["tutorial"].append(their_run(plain, their_net(recipe, plain), seed, default)[1])
        torch.set_num_threads(default)
        shown = ", ".join(f"{name} {units.percent(values[-1])}" for name, values in found.items())
        print(f"  {recipe.label}, seed {seed}: {shown}", flush=True)
    for name in ("fp32", "auto"):
        difference, half = welch(found[name], found["tutorial"])
        inside = abs(difference) <= half
        print(f"{'✓' if inside else '✕'} accuracy of {recipe.label}, {name}: {units.percent(fmean(found[name]))} against ", end="")
        print(f"{units.percent(fmean(found['tutorial']))}, {100 * difference:+.2f} ± {100 * half:.2f} points (95 %)", flush=True)


def welch(one: list[float], other: list[float]) -> tuple[float, float]:
    """The difference of two means, and half the width of its 95 % confidence interval (Welch, 1947: the variances may
    differ). Infinite with fewer than two of each."""
    difference = fmean(one) - fmean(other)
    if min(len(one), len(other)) < 2:
        return difference, math.inf
    from scipy import stats  # it comes with scikit-learn, which the tests bring

    parts = [stdev(values) ** 2 / len(values) for values in (one, other)]
    if sum(parts) == 0:
        return difference, 0.0
    freedom = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True))
    return difference, float(stats.t.ppf(0.975, freedom)) * math.sqrt(sum(parts))
