"""Where sweep files lie, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tui_trainer import config, paths
from tui_trainer.sweeps.reading import read
from tui_trainer.sweeps.sweep import Sweep, SweepError


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Where sweeps are looked for: beside the presets; what lies in a later folder wins."""
    return [folder / "sweeps" for folder in (paths.shipped_presets(), paths.your_presets(), *map(Path, extra))]


def everything(extra: Iterable[Path] = ()) -> list[Sweep]:
    """All sweeps by name, also those that cannot be used."""
    found = _files(extra)
    return [read(found[name]) for name in sorted(found)]


def find(name: str, extra: Iterable[Path] = ()) -> Sweep:
    """The sweep of that name. Raises SweepError where there is none, or where its file cannot be used."""
    found = _files(extra)
    if name not in found:
        there = ", ".join(sorted(found)) or f"none in {paths.short(folders(extra)[0])}"
        raise SweepError(f"there is no sweep {name!r}; {config.nearest(name, found)}there are {there}")
    sweep = read(found[name])
    if sweep.problem:
        raise SweepError(sweep.problem)
    return sweep


def _files(extra: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders(extra):
        try:
            found |= {path.stem: path for path in folder.glob("*.toml") if not path.name.startswith((".", "_")) and path.is_file()}
        except OSError:
            continue
    return found
