"""One training and its folder: what lies in there, and when it was made. Reads no log."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tui_trainer import paths
from tui_trainer.config import Config


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
            said = why(error) if isinstance(error, OSError) else f"{error} ({paths.short(self.config_file)})"
            raise StoreError(f"the settings of run {self.id} cannot be used: {said}") from error


def age_of(folder: Path) -> tuple[str, int]:
    """What sorts runs by age: the time in the name, then that of the config, which tells apart those of one second.

    Without a config the log stands for it: a record that lost it is still there to be seen, and to be deleted."""
    for name in ("config.json", "events.jsonl"):
        try:
            return folder.name[:15], (folder / name).stat().st_mtime_ns
        except OSError:
            continue
    return folder.name[:15], 0


def time_of(run: Run) -> float:
    try:
        return time.mktime(time.strptime(run.name[:15], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):
        return age_of(run.folder)[1] / 1e9


def why(error: OSError, within: Path | None = None) -> str:
    """What the system says, and of which file, unless it is one `within` the folder that is being made."""
    words = (error.strerror or str(error)).lower()
    if not isinstance(error.filename, (str, bytes)):
        return words
    path = Path(os.fsdecode(error.filename))
    return words if within is not None and path.is_relative_to(within) else f"{words}: {paths.short(path)}"
