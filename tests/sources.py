"""Small files in the real formats of the datasets that are fetched, and torchvision told of them instead of the real ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import tarfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torchvision.datasets as theirs

from file_server import Server
from tui_trainer import datasets
from tui_trainer.engine import download, fetched

TRAIN, TEST = 10, 4
RANDOM = np.random.default_rng(0)
SIDES = {1: 28, 3: 32}
PICTURES = {channels: RANDOM.integers(0, 256, (TRAIN + TEST, channels, side, side), np.uint8) for channels, side in SIDES.items()}
LABELS = np.arange(TRAIN + TEST) % 10


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def mnist() -> dict[str, bytes]:
    """The four files, packed."""
    made = {}
    for split, rows in (("train", slice(0, TRAIN)), ("t10k", slice(TRAIN, None))):
        pictures, labels = PICTURES[1][rows, 0], LABELS[rows].astype(np.uint8)
        sizes = b"".join(size.to_bytes(4, "big") for size in pictures.shape)
        made[f"{split}-images-idx3-ubyte.gz"] = gzip.compress(b"\0\0\x08\x03" + sizes + pictures.tobytes())
        made[f"{split}-labels-idx1-ubyte.gz"] = gzip.compress(b"\0\0\x08\x01" + sizes[:4] + labels.tobytes())
    return made


def cifar(kind: Any) -> dict[str, bytes]:
    """What is inside the archive, by its name in there."""
    made, rows = {}, [*np.split(np.arange(TRAIN), len(kind.train_list)), np.arange(TRAIN, TRAIN + TEST)]
    for (name, _), chosen in zip([*kind.train_list, *kind.test_list], rows, strict=True):
        data = PICTURES[3][chosen].reshape(len(chosen), -1)
        labels = {"labels" if kind is theirs.CIFAR10 else "fine_labels": LABELS[chosen].tolist()}
        made[f"{kind.base_folder}/{name}"] = pickle.dumps({"data": data, **labels}, protocol=2)
    made[f"{kind.base_folder}/{kind.meta['filename']}"] = pickle.dumps({kind.meta["key"]: ["a", "b"]}, protocol=2)
    return made


def archive(inside: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in {**inside, "../outside": b"x", f"{next(iter(inside))}.html": b"x"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def svhn() -> dict[str, bytes]:
    from scipy.io import savemat

    made = {}
    for split, rows in (("train", slice(0, TRAIN)), ("test", slice(TRAIN, None))):
        labels = np.where(LABELS[rows] == 0, 10, LABELS[rows]).astype(np.uint8)[:, None]
        out = io.BytesIO()
        savemat(out, {"X": PICTURES[3][rows].transpose(2, 3, 1, 0), "y": labels}, do_compression=True)
        made[f"{split}_32x32.mat"] = out.getvalue()
    return made


def small(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> datasets.Dataset:
    """This dataset made small, its files served from here, and torchvision and everyone else told so."""
    monkeypatch.setattr(download, "PAUSE", 0.001)
    monkeypatch.setenv("no_proxy", "*")
    kind = getattr(theirs, fetched.CLASSES[name])
    if name == "svhn":
        made = svhn()
        lists = {one.removesuffix("_32x32.mat"): [server.of(one), one, md5(content)] for one, content in made.items()}
        monkeypatch.setattr(kind, "split_list", lists)
    elif name.startswith("cifar"):
        inside = cifar(kind)
        made = {kind.filename: archive(inside)}
        monkeypatch.setattr(kind, "url", server.of(kind.filename))
        monkeypatch.setattr(kind, "tgz_md5", md5(made[kind.filename]))
        for known in ("train_list", "test_list"):
            sums = [[one, md5(inside[f"{kind.base_folder}/{one}"])] for one, _ in getattr(kind, known)]
            monkeypatch.setattr(kind, known, sums)
        meta = {**kind.meta, "md5": md5(inside[f"{kind.base_folder}/{kind.meta['filename']}"])}
        monkeypatch.setattr(kind, "meta", meta)
    else:
        made = mnist()
        monkeypatch.setattr(kind, "mirrors", [server.of("gone/"), server.of("")])
        monkeypatch.setattr(kind, "resources", [(one, md5(made[one])) for one, _ in kind.resources])
    server.files.update(made)
    dataset = replace(datasets.find(name), train_size=TRAIN, test_size=TEST)
    monkeypatch.setitem(datasets.DATASETS, name, dataset)
    return dataset
