"""What one dataset is, as lists, forms and the engine see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer.settings import Knob, Value, nearest


class DatasetError(ValueError):
    """A dataset that is not there or cannot be used: one sentence; `knob` is the setting of its own that is wrong."""

    def __init__(self, text: str, knob: str = "") -> None:
        super().__init__(text)
        self.knob = knob


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset. Its samples are read by the engine: training samples first, then those of the source's own splits."""

    name: str
    about: str
    classes: tuple[str, ...]
    """Names in the order of their labels; empty where numbers are to be predicted."""
    shape: tuple[int, ...]
    """Of one sample: (channels, height, width) of a picture, (values,) of a row; empty while only the files know it."""
    train_size: int
    """Samples for training, and for validation where `val_size` is 0, and for test where `test_size` is 0."""
    test_size: int
    """0 when the source has no test split: it is then drawn from the whole by the seed."""
    task: str
    """`classification` or `regression`."""
    source: str
    licence: str
    bundled: bool
    """Whether it needs neither network nor files of the user."""
    val_size: int = 0
    """0 when the source has no validation split: it is then held out of the training samples by the seed."""
    whole: bool = False
    """Whether every split is all of it, as of a system of equations."""
    outputs: int = 0
    """Numbers to predict for one sample; 0 stands for one score a class."""
    knobs: tuple[Knob, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    """What its knobs are set to."""
    fetch_bytes: int = 0
    """What is fetched on first use; 0 when nothing is."""
    folder: Path | None = None
    """Where the user's pictures are, of `folder:PATH`."""

    @property
    def pictures(self) -> bool:
        """Whether a sample is a picture. Of a folder that is known before its shape is."""
        return len(self.shape) == 3 or self.folder is not None

    @property
    def width(self) -> int:
        """Values that a net gives for one sample."""
        return self.outputs or len(self.classes)


def read_knobs(name: str, knobs: tuple[Knob, ...], given: Mapping[str, object]) -> dict[str, Value]:
    """The value of every knob of a dataset: given, as text or value, or its default. Raises DatasetError."""
    known = {knob.name: knob for knob in knobs}
    for one in given:
        if one not in known:
            there = f"its own settings are {', '.join(known)}" if known else "it has no settings of its own"
            raise DatasetError(f"{name} has no setting {one!r}; {nearest(one, known)}{there}", one)
    values: dict[str, Value] = {}
    for knob in knobs:
        try:
            values[knob.name] = knob.default if given.get(knob.name) is None else knob.parse(given[knob.name])
        except ValueError as error:
            raise DatasetError(str(error), knob.name) from error
    return values
