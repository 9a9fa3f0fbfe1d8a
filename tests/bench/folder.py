"""What a folder of pictures costs: the form's look at it, decoding it, opening what was kept. Run by hand, with a folder."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from tui_trainer import config, datasets
from tui_trainer.datasets import folder as folders
from tui_trainer.engine import cache, devices, gather, samples

Kind = TypeVar("Kind")


def timed(name: str, work: Callable[[], Kind], repeats: int = 1) -> Kind:
    """The best of some repeats: seconds that passed, and those of the processor."""
    best = (float("inf"), 0.0)
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        found = work()
        best = min(best, (time.perf_counter() - start[0], time.process_time() - start[1]))
    print(f"{name:<58}{1e3 * best[0]:>10.1f} ms{1e3 * best[1]:>10.1f} ms of the processor")
    return found


def forget(root: Path) -> None:
    """Asks the system to drop the files from its memory, as after a restart. Linux only."""
    for place, _, names in os.walk(root):
        for name in names:
            opened = os.open(Path(place, name), os.O_RDONLY)
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(opened)


def look(name: str) -> datasets.Dataset:
    folders._kept.clear()
    return datasets.find(name)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("--image-size", type=int)
    words.add_argument("--threads", type=int, nargs="+", help="decode with so many threads each")
    given = words.parse_args()
    torch.set_num_threads(1)
    settings = config.read({"preset": "cnn", "dataset": f"folder:{given.folder}", "image_size": given.image_size})
    dataset = timed("the form's first look", lambda: look(settings.dataset), 3)
    timed("a look when nothing has changed", lambda: datasets.find(settings.dataset), 20)
    for threads in given.threads or [min(max(2, devices.cores()), gather.MOST_THREADS)]:
        gather.MOST_THREADS, devices.cores = threads, lambda wanted=threads: wanted
        for when in ("cold", "warm"):
            if when == "cold":
                forget(given.folder)
            with tempfile.TemporaryDirectory() as home:
                read_twice(settings, dataset, Path(home), f"{when}, {threads} threads")


def read_twice(settings: config.Config, dataset: datasets.Dataset, home: Path, how: str) -> None:
    """Decoded, and opened again."""
    count = dataset.train_size + dataset.val_size + dataset.test_size

    def read() -> samples.Samples:
        return samples.read(settings, dataset, home, lambda *_: None)

    start = time.perf_counter()
    timed(f"decode {count} files, {how}", read)
    print(f"{'':<58}{count / (time.perf_counter() - start):>10.0f} pictures a second")
    timed("read again", read, 3)
    kept = next((home / "cache").glob("*.tensors"))
    timed("of that, opening the file", lambda: cache.open_(kept), 20)


if __name__ == "__main__":
    main()
