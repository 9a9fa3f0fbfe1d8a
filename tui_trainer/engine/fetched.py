"""torchvision's datasets as two tensors: its files found or fetched, read by its own classes once, then kept in one file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tui_trainer import units
from tui_trainer.config import Config
from tui_trainer.datasets import DIGITS, SHAPES, Dataset, fetched
from tui_trainer.datasets.fetched import FILES, File
from tui_trainer.engine import cache, download, unpack
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.part import digest, turn
from tui_trainer.engine.samples import Samples, Say

CLASSES = {
    "mnist": "MNIST",
    "fashion-mnist": "FashionMNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR10",
    "cifar100": "CIFAR100",
    "svhn": "SVHN",
}
"""What torchvision calls them."""

OFTEN = 0.08
"""Seconds between two words about the same thing."""


def is_here(dataset: Dataset, datasets_home: Path) -> bool:
    """Whether it can be read without a network. Looks only whether files are there."""
    return not missing_bytes(dataset, datasets_home)


def missing_bytes(dataset: Dataset, datasets_home: Path) -> int:
    """What is still to be fetched; 0 for datasets that are not fetched."""
    return sum(file.size for file in fetched.missing(dataset.name, datasets_home)) if dataset.name in FILES else 0


def read(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    """What a run learns from: see `fetch`."""
    return fetch(dataset, datasets_home, say)


def fetch(dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    """Every sample, mapped from the file that the first call leaves in `datasets_home`.

    Raises TrainingError in words, and what `say` raises; what was fetched until then is kept for the next time.
    """
    place, say = fetched.cache_file(dataset.name, datasets_home), _paced(say)
    if (kept := _kept(dataset, place)) is not None:
        return kept
    waiting = f"waiting for whoever is fetching {dataset.name}"
    with turn(datasets_home / f".{dataset.name}.lock", lambda: say(waiting)):
        if (kept := _kept(dataset, place)) is not None:
            return kept
        return _made(dataset, datasets_home, place, say)


def _paced(say: Say) -> Say:
    """The same, not more often than anyone looks: each time it is called it becomes a line of a record."""
    last, phase = float("-inf"), ""

    def paced(what: str, done: int = 0, total: int = 0) -> None:
        nonlocal last, phase
        now = time.monotonic()
        if now - last >= OFTEN or what.partition(":")[0] != phase:
            last, phase = now, what.partition(":")[0]
            say(what, done, total)

    return paced


def _kept(dataset: Dataset, place: Path) -> Samples | None:
    """What was converted before; None where that is not there or not whole."""
    found = cache.open_(place)
    if found is None or found[2].get("dataset") != dataset.name or not _fits(dataset, *found[:2]):
        return None
    return Samples(found[0], found[1], dataset.train_size, test=dataset.test_size)


def _fits(dataset: Dataset, inputs: Tensor, labels: Tensor) -> bool:
    count = dataset.train_size + dataset.test_size
    return inputs.shape == (count, *dataset.shape) and inputs.dtype == torch.uint8 and labels.shape == (count,)


def _made(dataset: Dataset, datasets_home: Path, place: Path, say: Say) -> Samples:
    """Fetched where needed, converted, and kept."""
    kind = _kind(dataset.name)
    is_whole = unpack.whole(dataset, kind, say)
    _bring(dataset, kind, is_whole, datasets_home, say)
    with unpack.folder(dataset, is_whole, datasets_home, say) as root:
        say(f"converting {dataset.name}")
        inputs, labels = _converted(dataset, kind, root)
    say(f"keeping {dataset.name}")
    try:
        cache.write(place, inputs, labels, {"dataset": dataset.name})
    except OSError as error:
        note = f"{dataset.name} cannot be kept as {place}: {error.strerror or error}; it is converted anew for each run"
        return Samples(inputs, labels, dataset.train_size, test=dataset.test_size, notes=(note,))
    return _kept(dataset, place) or Samples(inputs, labels, dataset.train_size, test=dataset.test_size)


def _kind(name: str) -> Any:
    """torchvision's class. The import takes a second, and fails where its build does not go with torch's."""
    try:
        from torchvision import datasets as theirs
    except (ImportError, RuntimeError) as error:
        raise TrainingError(
            f"{name} is read by torchvision, which cannot be loaded beside torch {torch.__version__}: {error}; "
            "install both from the same place"
        ) from error
    return getattr(theirs, CLASSES[name])


class _Wanted(NamedTuple):
    """A file that is to be fetched."""

    file: File
    packed: Path
    addresses: list[str]
    md5: str


def sources(kind: Any) -> Iterator[tuple[list[str], str]]:
    """Addresses and md5 sum of each file, as torchvision states them, in the order of `FILES`."""
    if hasattr(kind, "resources"):
        for name, md5 in kind.resources:
            yield [f"{mirror}{name}" for mirror in kind.mirrors], md5
    elif hasattr(kind, "split_list"):
        for address, _, md5 in (kind.split_list[split] for split in ("train", "test")):
            yield [address], md5
    else:
        yield [kind.url], kind.tgz_md5


def _bring(dataset: Dataset, kind: Any, is_whole: unpack.Whole, datasets_home: Path, say: Say) -> None:
    """Sees to it that every file is there, unpacked or packed, and whole."""
    wanted: list[_Wanted] = []
    for file, (addresses, md5) in zip(FILES[dataset.name], sources(kind), strict=True):
        packed = datasets_home / file.path
        if is_whole(datasets_home, file):
            continue
        if packed.is_file():
            if digest(packed, partial(say, f"verifying {packed.name}")) == md5:
                continue
            if unpack.packed_otherwise(dataset, file, is_whole, datasets_home, say):
                continue
        wanted.append(_Wanted(file, packed, addresses, md5))
    meter = _Meter(dataset.name, say)
    for number, one in enumerate(wanted):
        meter.file, meter.after = one.file.size, sum(other.file.size for other in wanted[number + 1 :])
        try:
            download.fetch(one.addresses, one.packed, one.md5, meter)
        except download.NotFetched as error:
            raise TrainingError(_by_hand(dataset, str(error), wanted[number:])) from error
        meter.before += one.packed.stat().st_size


def _by_hand(dataset: Dataset, reason: str, wanted: list[_Wanted]) -> str:
    """No network: which files, where to put them, and what can be learned from without them."""
    damaged = [one.packed.name for one in wanted if one.packed.is_file()]
    there = f"; {', '.join(damaged)} in {wanted[0].packed.parent} cannot be used, it is damaged" if damaged else ""
    files = ", ".join(f"{one.packed.name} ({units.file_size(one.file.size)})" for one in wanted)
    bundled = DIGITS if dataset.shape[0] == 1 else SHAPES
    return (
        f"{dataset.name} cannot be fetched ({reason}{there}). By hand: put {files} from "
        f"{wanted[0].addresses[0].rpartition('/')[0]}/ into {wanted[0].packed.parent}. "
        f"Or learn from {bundled.name}, which comes with the program: --dataset {bundled.name}"
    )


class _Meter:
    """How far the files of one dataset are, together, in a sentence with figures."""

    def __init__(self, name: str, say: Say) -> None:
        self.before = self.file = self.after = 0
        """Bytes of the files that are done, of this one as far as we know, and of those that follow."""
        self._name, self._say = name, say
        self._since: tuple[float, int] | None = None
        self._rate = 0.0

    def __call__(self, done: int, total: int) -> None:
        now, here = time.monotonic(), self.before + done
        if self._since is None or here < self._since[1]:
            self._since = now, here
        elif (passed := now - self._since[0]) >= 1:
            rate = (here - self._since[1]) / passed
            self._rate = self._rate + 0.3 * (rate - self._rate) if self._rate else rate
            self._since = now, here
        whole = self.before + max(total or self.file, done) + self.after
        speed = f", {units.file_size(self._rate)}/s" if self._rate else ""
        self._say(f"fetching {self._name}: {units.part_of(here, whole)}{speed}", here, whole)


def _converted(dataset: Dataset, kind: Any, root: Path) -> tuple[Tensor, Tensor]:
    """Pictures uint8 [N, C, H, W] and labels int64 [N], training samples first. Raises TrainingError."""
    try:
        halves = [_half(kind, root, train=train) for train in (True, False)]
        inputs, labels = (torch.cat(parts) for parts in zip(*halves, strict=True))
    except (OSError, EOFError, RuntimeError, ValueError, TypeError, LookupError, AssertionError, UnpicklingError) as error:
        raise TrainingError(_no_good(dataset, f"{type(error).__name__}: {error}")) from error
    if not _fits(dataset, inputs, labels) or not 0 <= int(labels.min()) <= int(labels.max()) < len(dataset.classes):
        held = f"{len(inputs)} pictures {units.times(tuple(inputs.shape[1:]))}, labels {int(labels.min())} to {int(labels.max())}"
        raise TrainingError(_no_good(dataset, held))
    return inputs, labels


def _half(kind: Any, root: Path, *, train: bool) -> tuple[Tensor, Tensor]:
    """One split, as torchvision reads it."""
    named = {"split": "train" if train else "test"} if hasattr(kind, "split_list") else {"train": train}
    read_by_them = kind(root, download=False, **named)
    pictures = torch.as_tensor(read_by_them.data)
    if hasattr(kind, "resources"):  # grey, without channels
        pictures = pictures.unsqueeze(1)
    elif hasattr(kind, "base_folder"):  # channels last
        pictures = pictures.permute(0, 3, 1, 2)
    labels = getattr(read_by_them, "labels" if hasattr(kind, "split_list") else "targets")
    return pictures, torch.as_tensor(labels).long()


def _no_good(dataset: Dataset, said: str) -> str:
    return f"the files of {dataset.name} are not what they should be ({said}); remove them, and they are fetched again"
