"""What only torch can make of a run that is over or goes on: weights, event files, a stand-alone script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tui_trainer import config as settings
from tui_trainer import paths, units
from tui_trainer.events import LearningRateChanged, RunResumed, SettingChanged
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.runs.whole import Whole

if TYPE_CHECKING:
    from tui_trainer.engine.recipe import Change, Recipe

SECONDS = 5.0
"""For which a script is tried out."""


class ExportError(StoreError):
    """Something that cannot be made of a run: one sentence that says why."""


def weights(run: Run, folder: Path) -> list[Path]:
    """`weights-best.pt` and `weights-last.pt`, as far as they were saved: state dicts. Raises ExportError."""
    from tui_trainer.engine import export  # torch: over a second, paid only where it is needed

    return _each(run, folder, "pt", export.state_dict)


def safetensors(run: Run, folder: Path) -> list[Path]:
    """The same as safetensors. Raises ExportError, also where the package is not there."""
    from tui_trainer.engine import export  # torch, as above

    return _each(run, folder, "safetensors", export.safetensors)


def _each(run: Run, folder: Path, ending: str, write: Callable[[Path, Path], None]) -> list[Path]:
    from tui_trainer.engine.errors import TrainingError

    made = []
    try:
        for name in ("best", "last"):
            if (source := run.checkpoints / f"{name}.pt").is_file():
                made.append(folder / f"weights-{name}.{ending}")
                write(source, made[-1])
    except TrainingError as error:
        raise ExportError(str(error)) from error
    if not made:
        raise ExportError("it has saved no weights")
    return made


def tensorboard(whole: Whole, folder: Path) -> list[Path]:
    """Event files in `folder/tensorboard`. Raises ExportError where the package is not there."""
    from tui_trainer.engine import export
    from tui_trainer.engine.errors import TrainingError

    into = folder / "tensorboard"
    try:
        export.tensorboard(_scalars(whole), into)
    except TrainingError as error:
        raise ExportError(str(error)) from error
    return [into]


def _scalars(whole: Whole) -> Iterator[tuple[str, int, float, float]]:
    began = whole.begun.time if whole.begun else 0.0
    for one in whole.steps:
        yield "loss/train", one.step, one.loss, began + one.seconds
        yield "learning rate", one.step, one.lr, began + one.seconds
    for seen in whole.evaluations:
        figures = {"loss": seen.loss, "accuracy": seen.accuracy, "mae": seen.mae, "r2": seen.r2}
        for name, value in figures.items():
            if value is not None:
                yield f"{name}/{seen.split}", seen.step, value, began + seen.seconds


def script(run: Run, whole: Whole, folder: Path, *, seconds: float = SECONDS) -> tuple[list[Path], str]:
    """`train.py` and the files that it reads, and in a sentence how its losses were found to be those of the run, which is
    tried for about so many seconds. Raises ExportError for what no script can repeat; then there is none."""
    recipe = _recipe(run, whole)
    from tui_trainer.engine import export, script
    from tui_trainer.engine.errors import TrainingError

    try:
        first = run.checkpoints / "from.pt"
        made = script.write(recipe, run.preset_file, first, paths.datasets(), folder, lambda *said: None)
    except TrainingError as error:
        raise ExportError(str(error)) from error
    losses = [one.loss for one in whole.steps]
    try:
        seen = export.checked(made[0], losses, seconds)
    except TrainingError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise ExportError(f"{error}; {_why_not(whole)}") from error
    return made, f"tried: its first {units.count(seen)} losses are those of the run"


def _why_not(whole: Whole) -> str:
    """What may be another here than where the run was trained."""
    started = whole.begun
    assert started is not None, "there were steps"
    if whole.threads:
        return "the number of threads was tuned while it trained, and more or fewer round otherwise; --reproducible keeps it"
    return f"it was trained by torch {started.torch} on {started.device_name}"


def _recipe(run: Run, whole: Whole) -> Recipe:
    """What the losses of a run follow from. Raises ExportError where a script would not give them."""
    started = whole.begun
    if started is None or not whole.steps:
        raise ExportError("it has not learned from a batch yet")
    devices = {started.device, *(one.device or started.device for one in whole.resumed)}
    if devices != {"cpu"}:
        raise ExportError(f"it was trained on {' and '.join(sorted(devices))}, and a script gives the same losses on a CPU alone")
    if any(one.precision not in {"", started.precision} for one in whole.resumed):
        raise ExportError("it went on in another number format than it began with")
    if started.streamed:
        raise ExportError("its samples do not fit into memory")
    from tui_trainer.engine.recipe import Recipe

    try:
        config = settings.read({name: value for name, value in started.config.items() if value is not None})
    except settings.ConfigError as error:
        raise ExportError(f"its settings cannot be used: {error}") from error
    return Recipe(
        config,
        steps=whole.steps[-1].step,
        planned=started.steps,
        threads=started.threads,
        bf16=started.precision == "bf16",
        changes=tuple(_changes(whole)),
        title=_title(run, whole),
    )


def _changes(whole: Whole) -> Iterator[Change]:
    """Everything that became otherwise, in order."""
    from tui_trainer.engine.recipe import Change

    started = whole.begun
    assert started is not None, "asked before"
    planned, threads = started.steps, started.threads
    happened = [*whole.history.changes, *whole.threads, *whole.resumed]
    for event in sorted(happened, key=lambda one: (one.step + isinstance(one, RunResumed), not isinstance(one, RunResumed))):
        if isinstance(event, LearningRateChanged):
            yield Change(event.step, "lr", event.old, event.new)
        elif isinstance(event, SettingChanged):
            whole_number = event.name == "batch_size"
            old, new = (int(event.old), int(event.new)) if whole_number else (event.old, event.new)
            yield Change(event.step, event.name, old, new)
            if whole_number and event.steps:
                yield Change(event.step, "planned", planned, event.steps)
                planned = event.steps
        else:
            resumed = isinstance(event, RunResumed)
            now = event.threads if isinstance(event, RunResumed) else event.new
            if now and now != threads:
                yield Change(event.step + resumed, "threads", threads, now)
                threads = now
            if isinstance(event, RunResumed) and event.steps and event.steps != planned:
                yield Change(event.step + 1, "budget", planned, event.steps)
                planned = event.steps


def _title(run: Run, whole: Whole) -> str:
    """The first words of a script."""
    started, history = whole.begun, whole.history
    assert started is not None, "asked before"
    names = units.plain(f"{started.config.get('preset')} on {started.config.get('dataset')}")
    best = ""
    if history.best_accuracy is not None and history.best is not None:
        best = f" It came to {units.percent(history.best_accuracy)} of the validation samples in epoch {history.best.epoch}."
    made = f"Written by tui-trainer from the record of run {run.id}, whose losses it gives again: to the last bit with torch"
    text = (
        f"{names}, step by step in plain PyTorch.{best}\n\n{made}\n{started.torch} on the same processor, and nearly so elsewhere."
    )
    return text.replace("\\", "/").replace('"""', "'''")
