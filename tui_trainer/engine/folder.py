"""The user's own pictures as two tensors: decoded once, kept in one file, mapped from there for as long as no picture changes."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from tui_trainer import units
from tui_trainer.config import Config
from tui_trainer.datasets import Dataset, DatasetError, folder
from tui_trainer.engine import cache, decoding, devices, gather
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.part import turn
from tui_trainer.engine.samples import Samples, Say

LARGEST = 1024
"""Side of the largest pictures that are taken as they are."""
NAMED = 3
"""Of the files that cannot be read, how many are named."""
SHARE = 0.8
"""Of the memory that is free, what pictures may take that the disk has no room for."""


@dataclass(slots=True)
class _Files:
    """All files of a folder that seem to be pictures: those for training, validation and test, each by class and name."""

    classes: tuple[str, ...]
    paths: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    """How many there are up to the end of each split."""
    digest: str = ""
    """Of names, sizes and times: another where anything changed."""


class _Sink(Protocol):
    """Where rows go."""

    def append(self, inputs: Tensor) -> None: ...


def read(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    """Every picture, mapped from the file that the first call leaves below `datasets_home`.

    Raises TrainingError in words, and what `say` raises; then nothing half-made stays.
    """
    if dataset.folder is None:
        raise ValueError(f"{dataset.name} is no folder")
    say("looking for pictures")
    place = datasets_home / "cache"
    own = f"folder-{_short_digest(str(dataset.folder.resolve()))}"
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(TrainingError):  # nothing can be written there, so nobody is waited for
            stack.enter_context(turn(place / f".{own}.lock", lambda: say("waiting for whoever is reading these pictures")))
        files = _look(dataset)
        path = place / f"{own}-{files.digest}-{config.image_size or 'own'}.tensors"
        if (kept := _kept(path)) is not None:
            return kept
        samples = _made(files, dataset.folder, config.image_size, path, say)
        for old in place.glob(f"{own}-*.tensors"):
            if not old.name.startswith(f"{own}-{files.digest}-"):
                with contextlib.suppress(OSError):  # it is in the way of nothing
                    old.unlink()
        return samples


def _short_digest(text: str) -> str:
    return hashlib.blake2b(os.fsencode(text), digest_size=8).hexdigest()


def _look(dataset: Dataset) -> _Files:
    """What is there now. Raises TrainingError where that is no longer the dataset that was found."""
    assert dataset.folder is not None
    try:
        tree = folder.tree(dataset.folder)
        files = _Files(tree.classes)
        label = {name: number for number, name in enumerate(tree.classes)}
        digest = hashlib.blake2b(f"{decoding.VERSION}".encode(), digest_size=8)
        for split, folders in tree.splits.items():
            for name in sorted(folders):
                states = _states(folders[name])
                digest.update(repr((split, name, states)).encode())
                files.paths += [f"{folders[name]}{os.sep}{state[0]}" for state in states]
                files.labels += [label[name]] * len(states)
            files.ends[split] = len(files.paths)
    except DatasetError as error:
        raise TrainingError(str(error)) from error
    except OSError as error:
        raise TrainingError(f"{units.plain(str(error.filename))} cannot be read: {error.strerror or error}") from error
    if files.classes != dataset.classes:
        raise TrainingError(f"the classes in {units.plain(str(dataset.folder))} have changed meanwhile; start again")
    files.digest = digest.hexdigest()
    return files


def _states(path: Path) -> list[tuple[str, int, int, int]]:
    """Name, size, time and rights of each file that seems to be a picture, by name."""
    with os.scandir(path) as entries:
        found = ((one.name, one.stat()) for one in entries if folder.is_picture(one.name) and one.is_file())
        return sorted((name, state.st_size, state.st_mtime_ns, state.st_mode) for name, state in found)


def _kept(path: Path) -> Samples | None:
    found = cache.open_(path)
    if found is None:
        return None
    inputs, targets, facts = found
    train, val, test = facts["sizes"]
    return Samples(inputs, targets, train, val, test, tuple(facts["notes"]), tuple(facts["classes"]))


def _made(files: _Files, root: Path, side: int | None, path: Path, say: Say) -> Samples:
    """All pictures, decoded into the file, or into memory where it cannot be written. What the first pictures are like is taken
    for all; where one is not, it begins again with what holds both: that happens twice at most, and nearly always at once."""
    form = gather.guess(files.paths, side, say)
    note = ""
    while True:
        if max(form.height, form.width) > LARGEST:
            size = f"{form.width}×{form.height}"
            raise TrainingError(f"the pictures are {size}; give an image_size, such as 64 or 224, that they are resized to")
        try:
            return _in_memory(files, root, side, form, note, say) if note else _in_file(files, root, side, form, path, say)
        except gather.Unlike as error:
            form = error.form
        except OSError as error:
            if note:
                raise
            note = f"the decoded pictures cannot be kept in {path.parent}: {error.strerror or error}; each run decodes them anew"


def _in_file(files: _Files, root: Path, side: int | None, form: gather.Form, path: Path, say: Say) -> Samples:
    with cache.Writer(path, form.shape, torch.uint8, len(files.paths)) as writer:
        damage = _fill(writer, files, form, say)
        labels, sizes = _left(files, damage, root)
        notes = _notes(files, damage, root, side, form)
        say("keeping the decoded pictures")
        writer.finish(labels, {"sizes": sizes, "notes": notes, "classes": files.classes})
    if (kept := _kept(path)) is None:
        raise OSError("what was written is not there")
    return kept


def _in_memory(files: _Files, root: Path, side: int | None, form: gather.Form, note: str, say: Say) -> Samples:
    count = len(files.paths)
    needed = count * math.prod(form.shape)
    free = devices.cpu_memory()[0]
    if free and needed > SHARE * free:
        what = (
            f"{units.count(count)} pictures of {form.width}×{form.height} need {units.size(needed)}, more than the memory has free"
        )
        raise TrainingError(f"{what}, and {note.partition(';')[0]}; take a smaller image_size, or make room")
    sink = _Memory(torch.empty(count, *form.shape, dtype=torch.uint8))
    damage = _fill(sink, files, form, say)
    labels, sizes = _left(files, damage, root)
    train, val, test = sizes
    notes = (*_notes(files, damage, root, side, form), note)
    return Samples(sink.whole[: sink.rows], labels, train, val, test, notes, files.classes)


@dataclass(slots=True)
class _Memory:
    whole: Tensor
    rows: int = 0

    def append(self, inputs: Tensor) -> None:
        self.whole[self.rows : self.rows + len(inputs)] = inputs
        self.rows += len(inputs)


def _fill(sink: _Sink, files: _Files, form: gather.Form, say: Say) -> gather.Damage:
    damage = gather.Damage()
    with contextlib.closing(gather.rows(files.paths, form, damage, say)) as pieces:
        for piece in pieces:
            sink.append(piece)
    return damage


def _left(files: _Files, damage: gather.Damage, root: Path) -> tuple[Tensor, list[int]]:
    """Labels of the pictures that could be read, and how many each split has. Raises TrainingError where that is too little."""
    count, lost = len(files.paths), len(damage.numbers)
    if 2 * lost > count:
        share = f"{units.count(lost)} of {units.count(count)} files"
        raise TrainingError(f"{share} cannot be read as pictures, more than half: {_named(files, damage, root)}")
    read = torch.ones(count, dtype=torch.bool)
    read[torch.tensor(damage.numbers, dtype=torch.int64)] = False
    labels = torch.tensor(files.labels)
    ends = [files.ends["train"], files.ends.get("val", files.ends["train"]), count]
    sizes = [int(part.sum()) for part in read.tensor_split(ends[:2])]
    learned = labels[: ends[0]][read[: ends[0]]].bincount(minlength=len(files.classes))
    if not learned[empty := int(learned.argmin())]:
        name = units.plain(files.classes[empty])
        raise TrainingError(f"none of the pictures of the class {name} can be read: {_named(files, damage, root, empty)}")
    return labels[read], sizes


def _notes(files: _Files, damage: gather.Damage, root: Path, side: int | None, form: gather.Form) -> list[str]:
    """What a person should know."""
    notes = []
    if lost := len(damage.numbers):
        share = f"{units.count(lost)} of {units.count(len(files.paths))} files cannot be read"
        verb = "as a picture and is" if lost == 1 else "as pictures and are"
        notes.append(f"{share} {verb} left out: {_named(files, damage, root)}")
    if side is None and form.side:
        notes.append(
            f"the pictures are not of one size: the middle of each is resized to {form.side}×{form.side}; image_size changes that"
        )
    return notes


def _named(files: _Files, damage: gather.Damage, root: Path, label: int | None = None) -> str:
    """The first of the files that cannot be read, of one class or of all, and why."""
    lost = [pair for pair in zip(damage.numbers, damage.reasons, strict=True) if label is None or files.labels[pair[0]] == label]
    named = [f"{_short(files.paths[number], root)} ({reason[:60]})" for number, reason in lost[:NAMED]]
    return units.plain(", ".join(named) + (", …" if len(lost) > NAMED else ""))


def _short(path: str, root: Path) -> str:
    """A file below the root; of a very long name the end."""
    name = Path(path).relative_to(root).as_posix()
    return name if len(name) <= 60 else "…" + name[-59:]
