"""Where things lie, and what the environment says: the only module that reads environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_data_path

CORES, GPUS = "TUI_TRAINER_CORES", "CUDA_VISIBLE_DEVICES"
"""Named when a process is started beside others that train as well."""


def home() -> Path:
    """Where runs, datasets and your own presets live; $TUI_TRAINER_HOME moves all of it."""
    return Path(os.environ.get("TUI_TRAINER_HOME") or user_data_path("tui-trainer", appauthor=False)).expanduser()


def runs() -> Path:
    return home() / "runs"


def sweeps() -> Path:
    """What was run of which sweep, and when."""
    return home() / "sweeps"


def trash() -> Path:
    """Runs that were deleted, until the trash is emptied. Among the runs: these may be a link to another disk, and a run is moved
    here in no time."""
    return runs() / ".trash"


def datasets() -> Path:
    return home() / "datasets"


def your_presets() -> Path:
    return home() / "presets"


def shipped_presets() -> Path:
    """Inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "presets"
    return inside if inside.is_dir() else package.parent / "presets"


def tutorial() -> Path:
    """The training loop of the tutorials: inside the package in a wheel, among the benchmarks in a checkout."""
    package = Path(__file__).parent
    inside = package / "tutorial.py"
    return inside if inside.is_file() else package.parent / "tests" / "bench" / "tutorial.py"


def crash_log() -> Path:
    """What went wrong in the app itself, with the full text."""
    return home() / "app.log"


def short(path: Path) -> str:
    """The path as a person would type it, with ~ for the home folder."""
    try:
        return "~/" + path.relative_to(Path.home()).as_posix()
    except ValueError:
        return str(path)


def editor() -> str:
    """The command line of the user's editor."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")


def colours() -> str:
    """`none`, `16` or `full`: what the terminal says it can show."""
    if os.environ.get("NO_COLOR"):
        return "none"
    if os.environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "full"
    term = os.environ.get("TERM", "")
    return "full" if os.name == "nt" or "256color" in term or "direct" in term or term.startswith("xterm-kitty") else "16"


def light_ground() -> bool:
    """Whether the terminal says that its background is light ($COLORFGBG, set by rxvt, konsole and others)."""
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground in {"7", "15"}


def plain_locale() -> bool:
    """Whether the locale was set to one without UTF-8. One that is not set at all says nothing: containers have none."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    named = [name for name in names if name and name != "C.UTF-8"]  # Python sets LC_CTYPE so itself where LANG is C
    return bool(named) and "utf" not in named[0].lower()


def cores() -> int | None:
    """How many cores this process is to use at most, where whoever started it shares them out."""
    given = os.environ.get(CORES, "")
    return int(given) if given.isdecimal() and int(given) > 0 else None


def gpus() -> list[str]:
    """The GPUs that this process is to use, by the names that whoever started it gave them; empty for all there are."""
    return [name.strip() for name in os.environ.get(GPUS, "").split(",") if name.strip()]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """That of this process, and more, for one that it starts."""
    return {**os.environ, **more}


def dumb_terminal() -> bool:
    return os.name != "nt" and os.environ.get("TERM", "") in {"", "dumb"}
