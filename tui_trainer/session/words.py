"""What was raised, as one sentence for a person."""

from __future__ import annotations

import traceback
from pathlib import Path

from tui_trainer.datasets import DatasetError
from tui_trainer.engine.errors import TrainingError
from tui_trainer.runs.store import StoreError

FOR_PEOPLE = (TrainingError, StoreError, DatasetError)
"""What these say was written for a person."""


def sentence(error: BaseException, preset_file: Path | None = None) -> str:
    """One line: what was said, with the kind of error where it was not meant for a person, and the preset's line in it."""
    text = " ".join(str(error).split())
    if isinstance(error, FOR_PEOPLE) and text:
        return text
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, SystemExit):
        said = f"the program was asked to exit ({said})"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if preset_file and Path(frame.filename) == preset_file]
    return f"preset line {lines[-1]}: {said}" if lines else said
