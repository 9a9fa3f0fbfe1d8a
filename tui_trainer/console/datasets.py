"""`datasets`: what can be learned from, one of them in full, and fetching ahead of any run."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from tui_trainer import config, datasets, paths, units
from tui_trainer.console.output import Output, cut
from tui_trainer.console.preparing import Preparing
from tui_trainer.console.signals import BROKEN_PIPE
from tui_trainer.console.tables import knob_help, table
from tui_trainer.datasets import Dataset
from tui_trainer.session import datasets as outside

PROGRAM = "tui-trainer"
WIDEST = 110
LABEL = 10
"""Columns of what a line is about."""
FEWEST = 20
"""Columns in which it makes sense to begin saying what a dataset is."""


class _Unheard(Exception):
    """Whoever read what is said went away."""


def listed(found: Sequence[Dataset], width: int) -> list[str]:
    """A line for each; what it is gives way where there is no room."""
    headings = ("dataset", "task", "shape", "samples", "where")
    rows = [(one.name, _kind(one), units.times(one.shape), _sizes(one), place(one)) for one in found]
    lines = table(headings, rows, right=("shape",), width=width)
    widest = max(map(len, lines)) + 2
    if width - widest < FEWEST:
        return lines
    abouts = ["what it is", *(one.about for one in found)]
    return [cut(f"{line:<{widest}}{units.plain(about)}", width) for line, about in zip(lines, abouts, strict=True)]


def _kind(one: Dataset) -> str:
    return f"{units.count(len(one.classes))} classes" if one.classes else one.task


def _sizes(one: Dataset) -> str:
    """`60 000 + 10 000`: those for training, and those of the source's own splits."""
    return " + ".join(units.count(size) for size in (one.train_size, one.val_size, one.test_size) if size and not one.whole) or (
        units.count(one.train_size)
    )


def place(one: Dataset) -> str:
    """Whether it is here, and what it costs where it is not."""
    if one.bundled:
        return "in the program"
    if one.folder:
        return "yours"
    left = sum(file.size for file in outside.missing(one))
    return f"{units.file_size(left)} to fetch" if left else "here"


def as_json(found: Iterable[Dataset]) -> str:
    return json.dumps([_facts(one) for one in found], indent=2, ensure_ascii=False)


def _facts(one: Dataset) -> dict[str, object]:
    return {
        "name": one.name,
        "about": one.about,
        "task": one.task,
        "classes": list(one.classes),
        "shape": list(one.shape),
        "train": one.train_size,
        "validation": one.val_size,
        "test": one.test_size,
        "bundled": one.bundled,
        "here": outside.here(one),
        "fetch_bytes": one.fetch_bytes,
        "bytes_left": sum(file.size for file in outside.missing(one)),
        "files": [str(path) for path, _ in outside.files(one)],
        "settings": {knob.name: knob.default for knob in one.knobs},
        "source": one.source,
        "licence": one.licence,
    }


def in_full(one: Dataset, width: int) -> Iterator[str]:
    """Everything that is known of one, before it is read."""
    width = min(width, WIDEST)
    yield from _wrapped("", f"{one.name}: {one.about}", width)
    yield ""
    yield from _wrapped("task", _task(one), width)
    if one.classes:
        yield from _wrapped("classes", ", ".join(one.classes), width)
    yield from _wrapped("a sample", _sample(one), width)
    yield from _wrapped("samples", _splits(one), width)
    yield from _wrapped("source", one.source, width)
    yield from _wrapped("licence", one.licence, width)
    yield from _wrapped("where", _where(one), width)
    files = outside.files(one)
    for folder in sorted({path.parent for path, _ in files}):
        named = ", ".join(f"{path.name} ({units.file_size(size)})" for path, size in files if path.parent == folder)
        yield from _wrapped("files", f"{named}, in {paths.short(folder)}; put there by hand they are used", width)
    if one.knobs:
        yield ""
        yield from table(
            ("setting", "default", "what it does"),
            [(knob.name, str(knob.default), knob_help(knob)) for knob in one.knobs],
            width=width,
        )
        first = one.knobs[-1]
        yield from _wrapped("", f"as in --data {first.name}={first.default}", width)


def _task(one: Dataset) -> str:
    if one.classes:
        return f"{one.task}, {units.count(len(one.classes))} classes"
    return f"{one.task}: {one.outputs} number{'s' * (one.outputs != 1)} to predict"


def _sample(one: Dataset) -> str:
    if not one.shape:
        return "a picture; its size is known when they are read, see --image-size"
    if len(one.shape) == 3:
        return f"a picture, {units.times(one.shape)}"
    return f"{one.shape[0]} number{'s' * (one.shape[0] != 1)}"


def _splits(one: Dataset) -> str:
    if one.whole:
        return f"{units.count(one.train_size)}, for training, validation and test alike"
    share = config.DEFAULTS["validation"]
    assert isinstance(share, float)
    sizes = datasets.splits(one, share)
    drawn = [name for name, size in (("validation", one.val_size), ("test", one.test_size)) if not size]
    how = f"; {' and '.join(drawn)} held out by the seed" if drawn else ""
    return ", ".join(f"{units.count(size)} {name}" for size, name in zip(sizes, ("train", "validation", "test"), strict=True)) + how


def _where(one: Dataset) -> str:
    if one.bundled:
        return "in the program: no network is needed"
    if one.folder:
        return paths.short(one.folder)
    if outside.here(one):
        return "here: no network is needed"
    return f"not here yet: {place(one)}, on first use or now with {PROGRAM} datasets fetch {one.name}"


def _wrapped(label: str, text: str, width: int) -> list[str]:
    indent = LABEL if label else 0
    rows = textwrap.wrap(units.plain(text), max(width - indent, 20), break_long_words=False, break_on_hyphens=False)
    return [f"{(label if not number else ''):<{indent}}{row}" for number, row in enumerate(rows)]


def fetch(wanted: Sequence[Dataset]) -> int:
    """Fetch these, one after another, and return the exit code: 1 where one cannot be had, 130 when interrupted."""
    out, code = Output(), 0
    for one in wanted:
        try:
            code = max(code, _fetch(one, out))
        except KeyboardInterrupt:
            out.end_live()
            out.line(f"stopped; {_kept(one)}")
            return 130
        except _Unheard:
            return BROKEN_PIPE
    return code


def _fetch(one: Dataset, out: Output) -> int:
    if not one.fetch_bytes:
        out.line(
            f"{units.plain(one.name)}: {'it comes with the program' if one.bundled else 'it is yours'}, nothing is to be fetched"
        )
        return 0
    line = Preparing(out)

    def say(what: str, done: int = 0, total: int = 0) -> None:
        if out.gone:
            raise _Unheard
        line(what, done, total)

    try:
        outside.fetch(one, say)
    except outside.NotFetched as error:
        out.end_live()
        Output(sys.stderr).line(f"{PROGRAM}: {units.plain(str(error))}")
        return 1
    out.end_live()
    size = outside.cached(one).stat().st_size
    samples = units.count(one.train_size + one.test_size)
    out.line(f"{one.name} is here: {samples} samples, {units.file_size(size)} in {paths.short(paths.datasets())}")
    return 0


def _kept(one: Dataset) -> str:
    """What an interrupted fetch leaves."""
    if begun := outside.begun(one):
        amount = f"{units.file_size(begun)} of {units.file_size(one.fetch_bytes)}"
        return f"{amount} of {one.name} are kept, and the next fetch goes on from there"
    return f"nothing of {one.name} was fetched yet"
