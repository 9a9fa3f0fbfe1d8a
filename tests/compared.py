"""Records of runs to be set side by side, written by hand: so many epochs, with these validation accuracies or losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from tui_trainer import config, paths
from tui_trainer.events import Evaluated, Event, RunEnded, RunStarted, Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run

CLASSES = ("cat", "dog")
PER_EPOCH = 10
BATCH = 20
PRESET = '"""A made preset."""\nDEFAULTS = {}\n\n\ndef build(input_shape, num_classes, *, width: int = 8): ...\n'
STARTED = RunStarted(
    config={},
    device="cpu",
    device_name="a cpu",
    threads=1,
    precision="fp32",
    parameters=1234,
    layers=(),
    input_shape=(1, 8, 8),
    classes=CLASSES,
    train_size=PER_EPOCH * BATCH,
    val_size=200,
    test_size=100,
    steps_per_epoch=PER_EPOCH,
    steps=0,
    host="here",
    torch="2.15",
)


def tried(epoch: int, right: float, *, split: str = "val", best: bool = False, seconds: float = 0.0) -> Evaluated:
    """100 samples of either class: all mistakes are made of the second class, unless it has not room for them."""
    wrong = round(200 * (1 - right))
    dogs = min(wrong, 100)
    matrix = ((100 - (wrong - dogs), wrong - dogs), (dogs, 100 - dogs))
    return Evaluated(PER_EPOCH * epoch, epoch, split, 1 - right, right, matrix, seconds, 0.5, best)


def guessed(epoch: int, loss: float, *, seconds: float = 0.0) -> Evaluated:
    """Of regression."""
    return Evaluated(PER_EPOCH * epoch, epoch, "val", loss, None, (), seconds, 0.5, mae=loss / 2, r2=1 - loss)


def epoch_of(epoch: int, took: float = 1.0) -> Stepped:
    return Stepped(PER_EPOCH * epoch, epoch, (1 / epoch,) * PER_EPOCH, 190, PER_EPOCH * BATCH, 1e-3, took * epoch)


def begun(*, text: str = PRESET, preset: str = "linear", dataset: str = "digits", **settings: object) -> Run:
    """A run that nobody has trained yet."""
    source = paths.home() / "made.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    raw = {"preset": preset, "dataset": dataset, "batch_size": BATCH, **settings}
    return store.create(config.read(raw), source)


def wrote(run: Run, *events: Event) -> Run:
    with log.Writer(run.events) as write:
        for event in events:
            write(event)
    return run


def ran(
    accuracies: Sequence[float],
    *,
    test: float | None = None,
    reason: str = "finished",
    started: RunStarted = STARTED,
    took: float = 1.0,
    **settings: object,
) -> Run:
    """A run with these validation accuracies, an epoch each; `reason` empty for one that has no end."""
    settings = {"epochs": len(accuracies)} | settings
    run = begun(**settings)  # type: ignore[arg-type]
    events: list[Event] = [replace(started, config=asdict(run.config()))]
    for epoch, right in enumerate(accuracies, 1):
        events += [epoch_of(epoch, took), tried(epoch, right, best=right >= max(accuracies[:epoch]), seconds=took * epoch)]
    if test is not None:
        events.append(tried(len(accuracies), test, split="test", seconds=took * len(accuracies)))
    if reason:
        events.append(_end(reason, len(accuracies), took, max(accuracies)))
    return wrote(run, *events)


def fitted(losses: Sequence[float], **settings: object) -> Run:
    """A run of regression with these validation losses."""
    run = begun(**({"dataset": "sine", "epochs": len(losses)} | settings))  # type: ignore[arg-type]
    events: list[Event] = [replace(STARTED, config=asdict(run.config()), task="regression", classes=(), input_shape=(1,))]
    for epoch, loss in enumerate(losses, 1):
        events += [epoch_of(epoch), guessed(epoch, loss, seconds=float(epoch))]
    return wrote(run, *events, replace(_end("finished", len(losses), 1.0, None), best_loss=min(losses)))


def _end(reason: str, epochs: int, took: float, best: float | None) -> RunEnded:
    return RunEnded(PER_EPOCH * epochs, epochs, reason, took * epochs, best_accuracy=best, parameters=1234)
