"""Where runs lie: make, list, find and delete their folders; what is known of each comes from `summaries`."""

from __future__ import annotations

import difflib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.runs import held, labels, trash
from tui_trainer.runs.run import Run, StoreError, age_of, why
from tui_trainer.runs.summaries import ALIVE, Summary, summary

__all__ = [
    "ALIVE",
    "ELSEWHERE",
    "Run",
    "StoreError",
    "Summary",
    "create",
    "delete",
    "everything",
    "find",
    "none",
    "summary",
    "words",
]

ELSEWHERE = "runs are kept in $TUI_TRAINER_HOME, which may name another folder"


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
        raise StoreError(f"no run can be made in {paths.short(home)}: {why(error, unfinished)}{hint}") from error
    return run


def _new_name(config: Config) -> str:
    """`20261121-071900-cnn-digits-7f3a`: when, what, on what, and an id that no other run has, nor one that may come back."""
    taken = {run.id for run in everything()} | {one.id for one in trash.everything()}
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
    dated = [(age_of(folder), folder) for folder in folders]
    return [Run(folder) for made, folder in sorted(dated, key=lambda pair: (*pair[0], pair[1].name), reverse=True) if made[1]]


def find(text: str) -> Run:
    """A run by its id, its folder's name, the name that a person gave it, the beginning of any of these, its path, or `last`.

    Raises StoreError with what is near, and for a run that lies in the trash."""
    if Path(text, "config.json").is_file():
        return _at(Path(text).resolve())
    runs = everything()
    if not runs:
        raise StoreError(_deleted(text) or none())
    if text == "last":
        return runs[0]
    for matches in _matches(runs, text):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise StoreError(f"{text!r} fits {len(matches)} runs: {_few(run.name for run in matches)}")
    if deleted := _deleted(text):
        raise StoreError(deleted)
    near = difflib.get_close_matches(text, [word for run in runs for word in (run.id, run.name)], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"the newest are {_few(run.id for run in runs)}"
    raise StoreError(f"there is no run {text!r}; {hint}")


def none() -> str:
    """That there is not a single run, and where one may come from."""
    if trash.everything():
        return "all runs lie in the trash: tui-trainer restore brings back what went last"
    return f"there are no runs yet in {paths.short(paths.runs())}"


def _at(folder: Path) -> Run:
    """The run in a folder, under the path that a listing gives it."""
    if folder.parent == paths.trash().resolve():
        raise StoreError(f"that run lies in the trash: tui-trainer restore {Run(folder).id}")
    return Run(paths.runs() / folder.name if folder.parent == paths.runs().resolve() else folder)


def _matches(runs: list[Run], text: str) -> Iterator[list[Run]]:
    """Those that are called so in one way, most exact first; what people call them is read only where no id fits."""
    yield [run for run in runs if text in {run.id, run.name}]
    called = [(run, labels.read(run).name.casefold()) for run in runs] if text else []
    wanted = text.casefold()
    yield [run for run, name in called if name == wanted]
    yield [run for run, _ in called if run.id.startswith(text) or run.name.startswith(text)]
    yield [run for run, name in called if name.startswith(wanted)]


def _deleted(text: str) -> str:
    """That a run of this name was deleted, and how it comes back; empty where none was."""
    one = next((one for one in trash.everything() if text in {one.id, one.name}), None)
    return f"run {one.id} lies in the trash: tui-trainer restore {one.id} brings it back" if one else ""


def _few(words: Iterable[str]) -> str:
    shown = list(words)
    return ", ".join(shown[:4]) + (", …" if len(shown) > 4 else "")


def delete(run: Run) -> None:
    """Remove a run and all it saved, for good: of one that a person deletes see `trash.put`. Raises StoreError while it is being
    trained, or where it is no run."""
    held.refuse(run)
    try:
        shutil.rmtree(run.folder)
    except OSError as error:
        raise StoreError(f"run {run.id} cannot be deleted: {why(error)}") from error
