"""The datasets as seen from outside: which are here, what is to be fetched, and fetching it ahead of any run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tui_trainer import paths
from tui_trainer.datasets import Dataset, fetched
from tui_trainer.datasets.fetched import File
from tui_trainer.session.words import sentence

Say = Callable[..., None]
"""`say(what, done=0, total=0)`, about ten times a second; what it raises ends the fetching, and the next goes on from there."""


class NotFetched(Exception):
    """Why a dataset cannot be had, in a sentence for a person."""


def here(dataset: Dataset) -> bool:
    """Whether it can be learned from without a network."""
    return not missing(dataset)


def missing(dataset: Dataset) -> tuple[File, ...]:
    """The files that are still to be fetched."""
    return fetched.missing(dataset.name, paths.datasets()) if dataset.name in fetched.FILES else ()


def files(dataset: Dataset) -> tuple[tuple[Path, int], ...]:
    """Where its files lie or have to be put, and how many bytes each has; none of a dataset that is not fetched."""
    return tuple((paths.datasets() / file.path, file.size) for file in fetched.FILES.get(dataset.name, ()))


def begun(dataset: Dataset) -> int:
    """Bytes of its files that are here, of those as well that are not whole yet."""
    there = (path if path.is_file() else path.with_name(path.name + fetched.PART) for path, _ in files(dataset))
    return sum(path.stat().st_size for path in there if path.is_file())


def cached(dataset: Dataset) -> Path:
    """What the files are converted to."""
    return fetched.cache_file(dataset.name, paths.datasets())


def fetch(dataset: Dataset, say: Say) -> None:
    """Fetch it and convert it, as far as that is not done. Raises NotFetched, and what `say` raises."""
    if not dataset.fetch_bytes:
        return
    say("loading torch")
    from tui_trainer.engine import fetched as engine  # over a second of torch: paid only by whoever fetches
    from tui_trainer.engine.errors import TrainingError

    try:
        notes = engine.fetch(dataset, paths.datasets(), say).notes
    except TrainingError as error:
        raise NotFetched(sentence(error)) from error
    if notes:
        raise NotFetched(notes[0])
