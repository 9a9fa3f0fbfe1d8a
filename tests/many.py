"""Made records in any number, as different as those of people: what tests and benches of long lists start from."""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace

from tui_trainer import config, paths
from tui_trainer.events import CheckpointSaved, Evaluated, Event, LearningRateChanged, RunEnded, RunStarted, Stepped
from tui_trainer.runs import labels, log, store

CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PRESETS = {
    "resnet8": 78_042,
    "cnn": 356_810,
    "vgg6": 612_970,
    "mixer": 298_506,
    "tiny-vit": 407_306,
    "mlp": 1_707_274,
    "linear": 30_730,
}
DATASETS = ("cifar10", "digits", "shapes")
RATES = (1e-3, 3e-3, 5e-4, 1e-2, 5e-2)
ENDS = ("finished",) * 8 + ("stopped", "diverged", "abandoned", "failed")
STARTED = RunStarted({}, "cpu", "a cpu", 1, "fp32", 1, (), (3, 8, 8), CLASSES, 2_000, 500, 500, 20, 200)
EACH = 20
"""Steps of an epoch."""


def many(count: int, *, seed: int = 0, apart: float = 3600.0) -> list[store.Run]:
    """So many runs that are over, the newest last, each made so many seconds after the one before."""
    chance = random.Random(seed)
    source = paths.home() / "many.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text('"""Made."""\n', encoding="utf-8")
    now = time.time()
    return [_one(chance, source, now - (count - at) * apart, at) for at in range(count)]


def _one(chance: random.Random, source: object, when: float, number: int) -> store.Run:
    preset, reason = chance.choice(list(PRESETS)), chance.choice(ENDS)
    epochs = chance.choice((4, 10, 20))
    settings = {
        "preset": preset,
        "dataset": chance.choice(DATASETS),
        "lr": chance.choice(RATES),
        "optimizer": chance.choice(("adam", "sgd", "adamw")),
        "batch_size": chance.choice((32, 64, 128)),
        "seed": chance.randrange(3),
        "epochs": epochs,
        "knobs": {"width": chance.choice((16, 32, 64))} if preset in {"cnn", "mlp"} else {},
    }
    identity = f"{number * 40503 % 65536:04x}"  # each once
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(when))
    run = store.Run(paths.runs() / f"{stamp}-{store.words(preset, str(settings['dataset']))}-{identity}")
    (run.folder / "checkpoints").mkdir(parents=True)
    run.config_file.write_text(config.read(settings).to_json(), encoding="utf-8")
    run.preset_file.write_text('"""Made."""\n', encoding="utf-8")
    done = epochs if reason == "finished" else chance.randrange(1, epochs)
    with log.Writer(run.events) as write:
        for event in events(settings, done, reason, PRESETS[preset], chance):
            write(event)
    if number % 17 == 3:
        labels.write(run, name=f"try {number}", note="try wider next")
    return run


def events(settings: dict[str, object], epochs: int, reason: str, parameters: int, chance: random.Random) -> list[Event]:
    """A run of so many epochs: a loss that falls, or rises where it diverged."""
    top, floor, seconds = 2.3, chance.uniform(0.4, 1.6), 0.0
    speed = chance.uniform(0.5, 20.0)
    found: list[Event] = [replace(STARTED, config=settings, parameters=parameters, steps=EACH * epochs, steps_per_epoch=EACH)]
    curve, tried = list[float](), list[Evaluated]()
    for epoch in range(1, epochs + 1):
        fall = math.exp(-3 * epoch / epochs) if reason != "diverged" else 1 + 0.3 * epoch
        losses = tuple(floor + (top - floor) * fall + chance.gauss(0, 0.05) for _ in range(EACH))
        seconds += speed
        found.append(Stepped(epoch * EACH, epoch, losses, round(900 * (1 - fall / 3)), EACH * 64, 1e-3, seconds))
        loss = losses[-1] + 0.1
        right = [max(5, min(50, round(50 * (1 - loss / 3) + chance.gauss(0, 4)))) for _ in CLASSES]
        matrix = tuple(tuple(right[row] if row == column else (50 - right[row]) // 9 for column in range(10)) for row in range(10))
        share = sum(right) / sum(map(sum, matrix))
        tried.append(
            Evaluated(
                epoch * EACH,
                epoch,
                "val",
                loss,
                share,
                matrix,
                seconds,
                0.1,
                not tried or share > max(one.accuracy or 0 for one in tried),
                speed,
            )
        )
        curve.append(loss)
        found.append(tried[-1])
        if tried[-1].best:
            found.append(CheckpointSaved(epoch * EACH, epoch, True, parameters * 4))
        if epoch == epochs // 2 and chance.random() < 0.2:
            found.append(LearningRateChanged(epoch * EACH, 1e-3, 3e-4, seconds))
    best = max(tried, key=lambda one: one.accuracy or 0.0)
    last = tried[-1]
    samples = epochs * EACH * 64
    test = (best.accuracy or 0.0) - 0.01 if reason == "finished" else None
    ended = RunEnded(
        last.step,
        epochs,
        reason,
        seconds,
        best.accuracy,
        best.epoch,
        best.loss,
        last.accuracy,
        last.loss,
        test,
        best.loss,
        samples,
        parameters,
    )
    return [*found, replace(ended, curve=tuple(float(f"{value:.3g}") for value in curve))]
