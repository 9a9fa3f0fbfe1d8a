"""Sweeps: many runs under one name, from a file that is kept or from lists of settings."""

from tui_trainer.sweeps.finding import everything, find, folders
from tui_trainer.sweeps.lists import of_lists
from tui_trainer.sweeps.reading import read
from tui_trainer.sweeps.sweep import MOST, Entry, Published, Sweep, SweepError, label_of, laid
from tui_trainer.sweeps.writing import as_toml, keep

__all__ = [
    "MOST",
    "Entry",
    "Published",
    "Sweep",
    "SweepError",
    "as_toml",
    "everything",
    "find",
    "folders",
    "keep",
    "label_of",
    "laid",
    "of_lists",
    "read",
]
