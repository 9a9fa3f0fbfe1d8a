"""A folder of pictures as a dataset: one folder a class, with or without train, val and test above them.

Nothing is opened here: names are read and files counted. A form asks with every letter, so what was found is kept for as long
as no folder in it changes.
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer import paths, units
from tui_trainer.datasets.dataset import Dataset, DatasetError
from tui_trainer.settings import nearest

PREFIX = "folder:"
"""What the name of such a dataset begins with; the path follows."""

SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""Which split a folder of this name is."""
MOST_CLASSES = 10_000
MOST_FILES = 5_000_000
FEWEST = 10
"""Pictures, some of which are held out."""
NAMED = 3
"""Of many names, how many are said."""
SETTLED = 2_000_000_000
"""Nanoseconds. A folder changed less than this ago may change again without another time showing."""
MOST_KEPT = 16

SUFFIXES = frozenset(
    f".{ending}"
    for endings in (
        "apng avif avifs blp bmp bw cur dcx dds dib fit fits flc fli ftc ftu gbr gif icb icns ico iim im j2c j2k jfif jp2 jpc jpe",
        "jpeg jpf jpg jpx mpo msp pbm pcd pcx pfm pgm png pnm ppm psd pxr qoi ras rgb rgba sgi tga tif tiff vda vst webp xbm xpm",
    )
    for ending in endings.split()
)
"""Endings of the files that Pillow can read by itself."""

ODD = frozenset({"__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information"})
"""Folders that systems leave behind; they are no classes."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Where the pictures of a folder lie."""

    classes: tuple[str, ...]
    """In sorted order."""
    splits: dict[str, dict[str, Path]]
    """`train`, and `val` and `test` where they are: the folder of each class that the split has."""
    sizes: dict[str, int]
    """Files in each split that seem to be pictures."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """What lies directly in a folder, without what is hidden."""

    folders: tuple[str, ...]
    pictures: int
    others: int


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a folder and those in it, each listed once."""

    found: dict[Path, _Listing] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    """When each was changed last, in nanoseconds: that moves with every file that comes or goes."""

    def __call__(self, path: Path) -> _Listing:
        """What lies in this folder. Raises DatasetError in words."""
        if (found := self.found.get(path)) is None:
            self.changed[str(path)] = 0
            try:
                self.changed[str(path)] = path.stat().st_mtime_ns
                found = self.found[path] = _read(path)
            except FileNotFoundError as error:
                raise DatasetError(f"there is no folder {_short(path)}") from error
            except NotADirectoryError as error:
                wanted = "give the one that holds a folder of pictures for each class"
                raise DatasetError(f"{_short(path)} is no folder; {wanted}") from error
            except (OSError, ValueError) as error:
                raise DatasetError(f"{_short(path)} cannot be read: {getattr(error, 'strerror', None) or error}") from error
        return found

    def settled(self) -> bool:
        return time.time_ns() - max(self.changed.values()) > SETTLED

    def holds(self) -> bool:
        """Whether all of it is still as it was."""
        try:
            return all(os.stat(path).st_mtime_ns == changed for path, changed in self.changed.items())  # noqa: PTH116  # thrice as fast
        except OSError:
            return False


_kept: dict[Path, tuple[_Look, Dataset | str]] = {}
"""What was found in the folders that were asked for last, or what is wrong with them."""


def scan(name: str) -> Dataset:
    """The dataset `folder:PATH`, of which only the shape is not known yet. Raises DatasetError in words."""
    path = _path(name.removeprefix(PREFIX).strip())
    known = _kept.get(path)
    if known is None or not known[0].holds():
        look = _Look()
        known = look, _found(path, look)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept.pop(path, None)
        if look.settled():
            _kept[path] = known
    if isinstance(known[1], str):
        raise DatasetError(known[1])
    return known[1]


def _found(path: Path, look: _Look) -> Dataset | str:
    try:
        found = tree(path, look)
    except DatasetError as error:
        return str(error)
    train, val, test = (found.sizes.get(split, 0) for split in ("train", "val", "test"))
    if train < FEWEST:
        return f"{_short(path)} has {train} pictures to learn from; {FEWEST} or more are needed, for some are held out"
    return Dataset(
        name=f"{PREFIX}{path}",
        about=f"{units.count(train + val + test)} pictures of your own, {units.count(len(found.classes))} classes",
        classes=found.classes,
        shape=(),
        train_size=train,
        val_size=val,
        test_size=test,
        task="classification",
        source=_short(path),
        licence="yours",
        bundled=False,
        folder=path,
    )


def tree(path: Path, look: _Look | None = None) -> Tree:
    """The classes and splits of a folder. Raises DatasetError in words where it has none that can be learned."""
    look = look or _Look()
    tops = _splits(path, look) or {"train": path}
    splits = {split: {_label(name): top / name for name in look(top).folders} for split, top in tops.items()}
    classes = tuple(sorted(splits["train"]))
    if wrong := _wrong(classes, tops, splits, look) or _empty(splits["train"], look):
        raise DatasetError(wrong)
    sizes = {split: sum(look(one).pictures for one in folders.values()) for split, folders in splits.items()}
    return Tree(classes, splits, sizes)


def _path(text: str) -> Path:
    if not text:
        raise DatasetError(f"{PREFIX}PATH needs the path of a folder, such as {PREFIX}~/pictures")
    try:
        return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100  # resolve() would follow links, and lose the name
    except RuntimeError as error:
        raise DatasetError(f"{units.plain(text)}: there is no such user") from error


def _splits(path: Path, look: _Look) -> dict[str, Path]:
    """The folders of the splits, where the folder is divided: by its names, or because `train` has folders of its own."""
    names = look(path).folders
    named = [(SPLITS[name.lower()], path / name) for name in names if name.lower() in SPLITS]
    found = dict(named)
    whole = len(named) == len(names)
    if not named or not (whole or ("train" in found and look(found["train"]).folders)):
        return {}
    if "train" not in found:
        raise DatasetError(f"{_short(path)} has {_names(names)} but no train; the pictures to learn from belong in it")
    if len(found) < len(named):
        raise DatasetError(f"{_short(path)} has more than one folder for a split: {', '.join(one.name for _, one in named)}")
    return {split: found[split] for split in ("train", "val", "test") if split in found}


def _wrong(classes: tuple[str, ...], tops: dict[str, Path], splits: dict[str, dict[str, Path]], look: _Look) -> str:
    """What is wrong with the names of the classes, if anything is."""
    train = _short(tops["train"])
    if not classes:
        pictures = look(tops["train"]).pictures
        there = f"{units.count(pictures)} picture{'s' * (pictures > 1)} but no folders" if pictures else "no folders in it"
        return f"{train} has {there}; put the pictures of each class in a folder of its own"
    if len(classes) == 1:
        return f"{train} has one class only, {_names(classes)}; two or more are needed, each a folder of pictures"
    if len(classes) > MOST_CLASSES:
        return f"{train} has {units.count(len(classes))} folders; at most {units.count(MOST_CLASSES)} classes can be learned"
    if alike := _alike(classes):
        return f"{_names(alike)} in {train} differ only by case; rename one, or join them"
    for split, folders in splits.items():
        if strange := sorted(folders.keys() - set(classes)):
            hint = units.plain(nearest(strange[0], classes))
            return f"{_short(tops[split])} has {_names(strange)}, which {train} has not; {hint}".rstrip("; ")
    return ""


def _alike(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Two names that are one on disks that do not tell A from a."""
    known: dict[str, str] = {}
    for name in classes:
        other = known.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            return other, name
    return ()


def _empty(folders: dict[str, Path], look: _Look) -> str:
    """Which classes have no pictures, if any. Stops soon, so that a folder with no pictures at all costs little."""
    empty: list[str] = []
    for name in sorted(folders):
        if not look(folders[name]).pictures:
            empty.append(name)
            if len(empty) > NAMED:
                break
    if not empty:
        return ""
    first = folders[empty[0]]
    if len(empty) > 1:
        return f"the classes {_names(empty)} have no pictures in {_short(first.parent)}"
    why = ""
    if look(first).others:
        why = "; no file in it is a picture that can be read"
    elif look(first).folders:
        why = "; pictures are looked for in the folder itself, not in folders below it"
    return f"the class {_names(empty)} has no pictures in {_short(first.parent)}{why}"


def _read(path: Path) -> _Listing:
    folders: list[str] = []
    pictures = others = 0
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == "." or name in ODD:
                continue
            if is_picture(name) and entry.is_file():
                pictures += 1
            elif entry.is_dir():
                folders.append(name)
            else:
                others += 1
            if pictures + others > MOST_FILES:
                raise ValueError(f"more than {units.count(MOST_FILES)} files are in it")
    return _Listing(tuple(sorted(folders)), pictures, others)


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken for a picture."""
    return name[name.rfind(".") :].lower() in SUFFIXES and name[0] != "."


def _label(name: str) -> str:
    """The folder's name as a class; bytes that are no text are shown as \\xff."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _short(path: Path) -> str:
    return units.plain(paths.short(path)).removesuffix("/.")


def _names(names: Iterable[str]) -> str:
    """Up to three names, none of them long enough to push the others away."""
    shown = [units.plain(name if len(name) <= 40 else name[:39] + "…") for name in names]
    return ", ".join(shown[:NAMED]) + (" and more" if len(shown) > NAMED else "")
