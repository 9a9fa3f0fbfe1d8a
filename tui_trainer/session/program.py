"""How this program is started once more, as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import tui_trainer


def program() -> list[str]:
    """How this program is started again. What lies in the current folder is not imported, unless this program does."""
    here = Path(tui_trainer.__file__).resolve().parent.parent == Path.cwd()
    return [sys.executable, "-u", *(() if here else ("-P",)), "-m", "tui_trainer"]
