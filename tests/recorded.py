"""Records of runs, written by hand: what tests of commands start from. Neither torch nor a screen comes with them."""

from __future__ import annotations

from tui_trainer import config, paths
from tui_trainer.events import Evaluated, Event, Layer, RunEnded, RunStarted
from tui_trainer.runs import log, store

CLASSES = ("cat", "dog", "bird")
CONFUSION = ((40, 9, 1), (4, 45, 1), (0, 2, 48))
PRESET = '''"""A made preset."""

DEFAULTS = {"dataset": "digits"}


def build(input_shape, num_classes, *, width: int = 8): ...
'''


def started(classes: tuple[str, ...] = CLASSES) -> RunStarted:
    return RunStarted(
        config={"preset": "cnn", "dataset": "digits", "epochs": 10},
        device="cpu",
        device_name="a cpu",
        threads=1,
        precision="fp32",
        parameters=1234,
        layers=(Layer("dense1", "Linear", (3,), 1234),),
        input_shape=(1, 4, 4),
        classes=classes,
        train_size=100,
        val_size=150,
        test_size=10,
        steps_per_epoch=10,
        steps=100,
    )


def evaluated(epoch: int = 1) -> Evaluated:
    right = sum(row[at] for at, row in enumerate(CONFUSION)) / sum(map(sum, CONFUSION))
    return Evaluated(10 * epoch, epoch, "val", 0.5, right, CONFUSION, 1.0, 0.1, True)


def ended(reason: str = "finished", best: float | None = 0.9) -> RunEnded:
    return RunEnded(100, 10, reason, 60.0, best, 8, 0.3, best, 0.4, best, 0.4, 1000, 1234)


def made(preset: str = "cnn", *events: Event, **settings: object) -> store.Run:
    """The record of a run with these events."""
    source = paths.home() / "made.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(PRESET, encoding="utf-8")
    run = store.create(config.read({"preset": preset, "dataset": "digits", **settings}), source)
    if events:
        with log.Writer(run.events) as write:
            for event in events:
                write(event)
    return run
