"""Where runs lie: make, list, find, sum up and delete their folders. Reads logs only at their ends."""

from __future__ import annotations

import difflib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.events import RunEnded
from tui_trainer.runs import ends, held
from tui_trainer.runs.summing import Sum

ELSEWHERE = "runs are kept in $TUI_TRAINER_HOME, which may name another folder"

ALIVE = frozenset({"running", "paused"})
"""What a run is that somebody trains."""


class StoreError(RuntimeError):
    """A run that cannot be made, found or deleted: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training and its folder: everything it is lies in there."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def id(self) -> str:
        """Four hex digits, on screen and on the command line."""
        return self.name.rpartition("-")[2]

    @property
    def config_file(self) -> Path:
        return self.folder / "config.json"

    @property
    def preset_file(self) -> Path:
        return self.folder / "preset.py"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def commands(self) -> Path:
        return self.folder / "commands.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    @property
    def steering(self) -> Path:
        """What people changed in the run that this one repeats; most runs have none."""
        return self.folder / "steering.jsonl"

    def config(self) -> Config:
        """Raises StoreError where the file is gone or is no config."""
        try:
            return Config.from_json(self.config_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            why = _why(error) if isinstance(error, OSError) else f"{error} ({paths.short(self.config_file)})"
            raise StoreError(f"the settings of run {self.id} cannot be used: {why}") from error


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of runs."""

    run: Run
    status: str
    """`new`, `running`, `paused`, `finished`, `stopped`, `abandoned`, `diverged`, `failed`, or `lost`: ended without a word."""
    config: Config
    best_accuracy: float | None = None
    best_epoch: int = 0
    best_loss: float | None = None
    last_accuracy: float | None = None
    last_loss: float | None = None
    test_accuracy: float | None = None
    task: str = "classification"
    """Or `regression`, once a figure says so: then these count, and there is no accuracy."""
    best_mae: float | None = None
    best_r2: float | None = None
    test_mae: float | None = None
    test_r2: float | None = None
    epochs: int = 0
    steps: int = 0
    seconds: float = 0.0
    parameters: int = 0
    samples: int = 0
    error: str = ""
    time: float = 0.0
    """Seconds since 1970 at which the run was made."""
    pid: int = 0
    """Of the process that took the run last; 0 where that is not known, and of a run that has ended."""
    host: str = ""
    """The machine that it is on, known as `pid` is."""
    taken: float = 0.0
    """Seconds since 1970 at which it took the run, known as `pid` is."""

    @property
    def alive(self) -> bool:
        """Whether somebody trains it now."""
        return self.status in ALIVE


def create(config: Config, preset_path: Path) -> Run:
    """Make the folder of a new run, with its config and a copy of its preset. A listing never sees half of it."""
    home = paths.runs()
    unfinished = home / f".new-{secrets.token_hex(8)}"
    try:
        (unfinished / "checkpoints").mkdir(parents=True)
        (unfinished / "config.json").write_text(config.to_json(), encoding="utf-8")
        shutil.copyfile(preset_path, unfinished / "preset.py")
        run = Run(home / _new_name(config))
        unfinished.rename(run.folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        hint = f"; {ELSEWHERE}" if preset_path.is_file() else ""
        raise StoreError(f"no run can be made in {paths.short(home)}: {_why(error, unfinished)}{hint}") from error
    return run


def _new_name(config: Config) -> str:
    """`20261121-071900-cnn-digits-7f3a`: when, what, on what, and an id that no other run has."""
    taken = {run.id for run in everything()}
    identity = next(one for one in iter(lambda: secrets.token_hex(2), "") if one not in taken or len(taken) > 50_000)
    return "-".join((time.strftime("%Y%m%d-%H%M%S"), words(config.preset, config.dataset), identity))


def words(preset: str, dataset: str) -> str:
    """What the name of a run says of what it trains, in letters that every file system takes."""
    return "-".join(re.sub(r"[^A-Za-z0-9_.]+", "_", word).strip("._")[:32] or "_" for word in (preset, dataset))


def everything() -> list[Run]:
    """All runs, newest first."""
    try:
        with os.scandir(paths.runs()) as entries:
            folders = [Path(entry.path) for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []
    dated = [(_made(folder), folder) for folder in folders]
    return [Run(folder) for made, folder in sorted(dated, key=lambda pair: (*pair[0], pair[1].name), reverse=True) if made[1]]


def _made(folder: Path) -> tuple[str, int]:
    """What sorts runs by age: the time in the name, then that of the config, which tells apart those of one second.

    Without a config the log stands for it: a record that lost it is still there to be seen, and to be deleted."""
    for name in ("config.json", "events.jsonl"):
        try:
            return folder.name[:15], (folder / name).stat().st_mtime_ns
        except OSError:
            continue
    return folder.name[:15], 0


def find(text: str) -> Run:
    """A run by its id, name, the beginning of either, path, or `last`. Raises StoreError with what is near."""
    if Path(text, "config.json").is_file():
        return Run(Path(text).resolve())
    runs = everything()
    if not runs:
        raise StoreError(f"there are no runs yet in {paths.short(paths.runs())}")
    if text == "last":
        return runs[0]
    for matches in ([run for run in runs if text in {run.id, run.name}], [run for run in runs if _begins(run, text)]):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise StoreError(f"{text!r} fits {len(matches)} runs: {_few(run.name for run in matches)}")
    near = difflib.get_close_matches(text, [word for run in runs for word in (run.id, run.name)], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"the newest are {_few(run.id for run in runs)}"
    raise StoreError(f"there is no run {text!r}; {hint}")


def _begins(run: Run, text: str) -> bool:
    return bool(text) and (run.id.startswith(text) or run.name.startswith(text))


def _few(words: Iterable[str]) -> str:
    shown = list(words)
    return ", ".join(shown[:4]) + (", …" if len(shown) > 4 else "")


def delete(run: Run) -> None:
    """Remove a run and all it saved. Raises StoreError while it is being trained, or where it is no run."""
    if not (run.config_file.is_file() or run.events.is_file()):
        raise StoreError(f"{run.folder} is not the folder of a run")
    if held.trained(run.events):
        raise StoreError(f"run {run.id} is being trained: stop it first")
    try:
        shutil.rmtree(run.folder)
    except OSError as error:
        raise StoreError(f"run {run.id} cannot be deleted: {_why(error)}") from error


def summary(run: Run) -> Summary:
    """One line about a run, from its config and the end of its log."""
    try:
        config, error = run.config(), ""
    except StoreError as problem:
        config, error = Config(preset="?", dataset="?"), str(problem)
    told = Summary(run, "new", config, error=error, time=_time(run))
    end = ends.newest(run.events)
    if end and isinstance(end[-1], RunEnded):
        return _ended(told, end[-1])
    if not end and not ends.size(run.events):
        return replace(told, status="running") if held.trained(run.events) else told
    so_far, trained = Sum.of([*ends.milestones(run.events), *end]), held.trained(run.events)
    if so_far.ended is not None and not trained:
        return _ended(told, so_far.ended)
    return _unended(told, so_far, trained=trained)


def _ended(told: Summary, end: RunEnded) -> Summary:
    return replace(
        told,
        status=end.reason,
        best_accuracy=end.best_accuracy,
        best_epoch=end.best_epoch,
        best_loss=end.best_loss,
        last_accuracy=end.last_accuracy,
        last_loss=end.last_loss,
        test_accuracy=end.test_accuracy,
        task=_task(end.best_accuracy, end.best_loss),
        best_mae=end.best_mae if end.best_mae is not None else end.last_mae,
        best_r2=end.best_r2 if end.best_mae is not None else end.last_r2,
        test_mae=end.test_mae,
        test_r2=end.test_r2,
        epochs=end.epoch,
        steps=end.step,
        seconds=end.seconds,
        parameters=end.parameters,
        samples=end.samples,
        error=end.error or told.error,
    )


def _unended(told: Summary, so_far: Sum, *, trained: bool) -> Summary:
    """What a run has come to that goes on, or that ended without a word."""
    best, last, taken = so_far.best, so_far.last, ends.taken(told.run.events)
    return replace(
        told,
        status=("paused" if so_far.paused else "running") if trained else "lost",
        best_accuracy=best.accuracy if best else None,
        best_epoch=best.epoch if best else 0,
        best_loss=best.loss if best else None,
        best_mae=best.mae if best else None,
        best_r2=best.r2 if best else None,
        last_accuracy=last.accuracy if last else None,
        last_loss=last.loss if last else None,
        task=_task(last.accuracy, last.loss) if last else told.task,
        epochs=so_far.epochs,
        steps=so_far.steps,
        seconds=so_far.seconds,
        parameters=so_far.parameters,
        pid=taken.pid,
        host=taken.host,
        taken=taken.time,
    )


def _task(accuracy: float | None, loss: float | None) -> str:
    """What a validation with these figures is of: of regression there is a loss alone."""
    return "regression" if accuracy is None and loss is not None else "classification"


def _why(error: OSError, within: Path | None = None) -> str:
    """What the system says, and of which file, unless it is one `within` the folder that is being made."""
    words = (error.strerror or str(error)).lower()
    if not isinstance(error.filename, (str, bytes)):
        return words
    path = Path(os.fsdecode(error.filename))
    return words if within is not None and path.is_relative_to(within) else f"{words}: {paths.short(path)}"


def _time(run: Run) -> float:
    try:
        return time.mktime(time.strptime(run.name[:15], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):
        return _made(run.folder)[1] / 1e9
