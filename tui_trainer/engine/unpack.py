"""The files of a source as torchvision's classes want them: unpacked, in folders of a certain name. What lies there stays.

Only files that are expected are taken out of an archive, each written to a place that is made here, so that no name, link or
mode inside an archive has a say.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from tui_trainer.datasets import Dataset
from tui_trainer.datasets.fetched import FILES, File
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.part import digest
from tui_trainer.engine.samples import Say

CHUNK = 1 << 20
UNREADABLE = (OSError, EOFError, zlib.error, tarfile.TarError)

Whole = Callable[[Path, File], bool]
"""Whether all that a file holds lies unpacked below this folder, and is what it should be."""


def whole(dataset: Dataset, kind: Any, say: Say) -> Whole:
    """Tells unpacked files that can be used from others: by the checksum that torchvision's class states, else by their size."""
    known: Mapping[str, str] = {}
    if hasattr(kind, "base_folder"):
        named = [*kind.train_list, *kind.test_list, (kind.meta["filename"], kind.meta["md5"])]
        known = {f"{kind.base_folder}/{name}": md5 for name, md5 in named}

    def one(path: Path, name: str) -> bool:
        if not path.is_file():
            return False
        if name in known:
            return digest(path, lambda: say(f"verifying {path.name}")) == known[name]
        return path.stat().st_size == _idx_size(dataset, path.name)

    @functools.cache
    def tell(root: Path, file: File) -> bool:
        return bool(file.unpacked) and all(one(root / name, name) for name in file.unpacked)

    return tell


def packed_otherwise(dataset: Dataset, file: File, is_whole: Whole, datasets_home: Path, say: Say) -> bool:
    """Whether a packed file is good though its checksum is another: packed again by somebody, with the same in it."""
    if not file.unpacked:
        return False
    with _root(dataset, datasets_home) as root:
        try:
            _unpack(datasets_home / file.path, file, root, _progress(dataset, say))
        except UNREADABLE:
            return False
        return is_whole(root, file)


def _idx_size(dataset: Dataset, name: str) -> int:
    """Bytes of a file of MNIST's format: a number for the kind, one for each dimension, then the values."""
    count = dataset.train_size if name.startswith("train") else dataset.test_size
    _, height, width = dataset.shape
    return 16 + count * height * width if "images" in name else 8 + count


@contextlib.contextmanager
def folder(dataset: Dataset, is_whole: Whole, datasets_home: Path, say: Say) -> Iterator[Path]:
    """A folder with everything unpacked: that of the datasets itself, where all lies there; else one that goes afterwards.

    Raises TrainingError where the disk does not take it.
    """
    files = [file for file in FILES[dataset.name] if file.unpacked]
    if all(is_whole(datasets_home, file) for file in files):
        yield datasets_home
        return
    with _root(dataset, datasets_home) as root:
        try:
            for file in files:
                if is_whole(datasets_home, file):
                    _copy_all(datasets_home, file, root)
                else:
                    _unpack(datasets_home / file.path, file, root, _progress(dataset, say))
        except UNREADABLE as error:
            said = getattr(error, "strerror", None) or error
            raise TrainingError(f"{dataset.name} cannot be unpacked in {datasets_home}: {said}") from error
        yield root


@contextlib.contextmanager
def _root(dataset: Dataset, datasets_home: Path) -> Iterator[Path]:
    """A folder of our own that goes afterwards; one that a killed process left goes first."""
    root = datasets_home / f".{dataset.name}.unpacked"
    shutil.rmtree(root, ignore_errors=True)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _progress(dataset: Dataset, say: Say) -> Callable[[int, int], None]:
    return lambda done, total: say(f"unpacking {dataset.name}", done, total)


def _copy_all(datasets_home: Path, file: File, root: Path) -> None:
    for name in file.unpacked:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(datasets_home / name, root / name)


def _unpack(packed: Path, file: File, root: Path, tell: Callable[[int, int], None]) -> None:
    """Puts what a packed file holds below `root`."""
    for name in file.unpacked:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
    size = packed.stat().st_size
    with packed.open("rb") as raw:
        if packed.suffixes[-2:] == [".tar", ".gz"]:
            with tarfile.open(fileobj=raw, mode="r:gz") as archive:
                for member in archive:
                    if member.name in file.unpacked and (inside := archive.extractfile(member)) is not None:
                        _copy(inside, root / member.name, lambda: tell(raw.tell(), size))
        else:
            with gzip.open(raw) as content:
                _copy(content, root / file.unpacked[0], lambda: tell(raw.tell(), size))


def _copy(inside: IO[bytes] | gzip.GzipFile, place: Path, tick: Callable[[], None]) -> None:
    with place.open("wb") as out:
        while chunk := inside.read(CHUNK):
            out.write(chunk)
            tick()
