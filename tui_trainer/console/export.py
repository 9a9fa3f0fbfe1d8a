"""Runs as files to take away: asks each part for what it can make, says what was made, and why the rest was not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tui_trainer import paths, units
from tui_trainer.console import card
from tui_trainer.console.output import Output
from tui_trainer.console.summary import repeat
from tui_trainer.runs import export, store, whole
from tui_trainer.runs.kinds import KINDS
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.runs.whole import Whole

CARD = "card.txt"

Made = tuple[Sequence[Path], str]
"""What was written, and a sentence about it or none."""
Maker = Callable[[Run, Whole, Path, Sequence[Path]], Made]


def export_runs(
    names: Sequence[str],
    kinds: Sequence[str],
    to: Path | None,
    folders: Sequence[Path] = (),
    drawn: Mapping[str, Maker] = MappingProxyType({}),
) -> int:
    """Write these runs into a folder each, in `to` or here. Raises StoreError for a name that is none, before anything is written.

    Without `kinds` what cannot be made is no failure; what was asked for and cannot be is one. `drawn` makes what only the
    screen can."""
    out, runs = Output(), list(dict.fromkeys(store.find(name) for name in names))
    failed = False
    for run in runs:
        folder = (to or Path()) / f"{store.words(run.config().preset, run.config().dataset)}-{run.id}"
        made = _exported(run, kinds or list(KINDS), folder, folders, out, {**MAKERS, **drawn})
        failed = failed or (bool(kinds) and made < len(kinds)) or not made
    return 1 if failed else 0


def _exported(
    run: Run, kinds: Sequence[str], folder: Path, folders: Sequence[Path], out: Output, makers: Mapping[str, Maker]
) -> int:
    """How many of these could be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{paths.short(folder)} cannot be made: {(error.strerror or str(error)).lower()}") from error
    out.line(units.plain(f"run {run.id} → {paths.short(folder)}"))
    told, made = whole.read(run), 0
    for kind in kinds:
        try:
            written, note = makers[kind](run, told, folder, folders)
        except StoreError as error:
            out.line(units.plain(f"  ! no {kind}: {error}"))
        except OSError as error:
            out.line(units.plain(f"  ! no {kind}: {(error.strerror or str(error)).lower()}"))
        else:
            made += 1
            for path in written:
                out.line(units.plain(f"  {path.name}{_size(path)}"))
            out.lines([units.plain(f"    {note}")] if note else [])
    return made


def _size(path: Path) -> str:
    return f"  {units.size(path.stat().st_size)}" if path.is_file() else "/"


def _csv(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    return export.to_csv(told, folder), ""


def _json(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    return [export.to_json(told, run, folder, repeat(run, folders))], ""


def _weights(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    from tui_trainer.session import export as made  # torch comes with what it does

    return made.weights(run, folder), ""


def _safetensors(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    from tui_trainer.session import export as made  # as above

    return made.safetensors(run, folder), ""


def _script(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    from tui_trainer.session import export as made  # as above

    return made.script(run, told, folder)


def _card(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    path = folder / CARD
    path.write_text("\n".join(card.lines(told.history, run, folders)) + "\n", encoding="utf-8")
    return [path], ""


def _tensorboard(run: Run, told: Whole, folder: Path, folders: Sequence[Path]) -> Made:
    from tui_trainer.session import export as made  # as above

    return made.tensorboard(told, folder), ""


MAKERS: dict[str, Maker] = {
    "csv": _csv,
    "json": _json,
    "weights": _weights,
    "safetensors": _safetensors,
    "script": _script,
    "card": _card,
    "tensorboard": _tensorboard,
}
