"""How fast the trainer is beside a bare loop over the same batches: `python tests/bench/engine.py`, by hand, on a quiet machine.

The two take turns; the figure is the ratio of the medians. A bare loop reports nothing, obeys nobody and never evaluates,
so the trainer's evaluations are not counted and everything else is. Time is that of the thread (there is one), so that busy
neighbours spoil less of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from tui_trainer import config, paths
from tui_trainer.config import Config
from tui_trainer.engine.loop import Trainer
from tui_trainer.engine.prepare import prepare
from tui_trainer.engine.saves import Saves
from tui_trainer.events import Event

RUNS = {
    "mlp on digits": {"preset": "mlp", "dataset": "digits", "epochs": 60},
    "cnn on digits": {"preset": "cnn", "dataset": "digits", "epochs": 20},
    "cnn on shapes": {"preset": "cnn", "dataset": "shapes", "epochs": 1},
}


def bare(setup: Config, datasets_home: Path) -> float:
    """Samples a second of the loop as anybody would write it."""
    ready = prepare(setup, paths.shipped_presets() / f"{setup.preset}.py", datasets_home, lambda *said, **more: None)
    seen = 0
    began = time.thread_time()
    for epoch in range(1, int(setup.budget[1]) + 1):
        for inputs, labels in ready.data.batches(epoch, setup.batch_size):
            ready.optimizer.zero_grad(set_to_none=True)
            ready.loss(ready.built.net(inputs), labels).backward()
            ready.optimizer.step()
            seen += len(labels)
    return seen / (time.thread_time() - began)


def whole(setup: Config, datasets_home: Path) -> float:
    """Samples a second of the trainer's epochs, with all it says; validations go on between them and are not counted."""
    ready = prepare(setup, paths.shipped_presets() / f"{setup.preset}.py", datasets_home, lambda *said, **more: None)
    events: list[Event] = []
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder:
        saves = Saves(Path(folder), events.append, time.perf_counter)
        run = Trainer(ready, saves, events.append, list, time.perf_counter, time.sleep)
        while not run.over():
            began = time.thread_time()
            run.learn()
            spent += time.thread_time() - began
            run.validate()
    return run.samples / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"torch {torch.__version__}, {rounds} rounds; samples a second, medians")
    for name, given in RUNS.items():
        setup = config.read({**given, "threads": "1", "precision": "fp32"})
        figures: dict[str, list[float]] = {"bare": [], "trainer": []}
        for _ in range(rounds):
            figures["bare"].append(bare(setup, paths.datasets()))
            figures["trainer"].append(whole(setup, paths.datasets()))
        middle = {kind: median(speeds) for kind, speeds in figures.items()}
        ratio = middle["trainer"] / middle["bare"]
        print(f"{name:14}  bare {middle['bare']:9.0f}  trainer {middle['trainer']:9.0f}  ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
