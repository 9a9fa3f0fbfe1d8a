"""What a person may change while a run trains, and what is wrong with a change: one place for who sends and for the trainer."""

from __future__ import annotations

from tui_trainer.config import BY_NAME, Config, nearest
from tui_trainer.settings import STEERABLE

__all__ = ["STEERABLE", "Fixed", "setting", "value"]


class Fixed(ValueError):
    """This run has no such thing to change, whatever the value."""


def setting(word: str) -> str:
    """The name of the setting that this word means: its name, its label on the screen, or its option. Raises ValueError."""
    wanted = word.strip().lower().lstrip("-").replace("-", "_")
    for name in STEERABLE:
        if wanted in {name, BY_NAME[name].label}:
            return name
    labels = [BY_NAME[name].label for name in STEERABLE]
    if wanted in BY_NAME or wanted in {one.label for one in BY_NAME.values()}:
        raise ValueError(f"{word} cannot be changed while a run trains; what can is {', '.join(labels)}")
    raise ValueError(
        f"there is no setting {word!r}; {nearest(wanted, [*STEERABLE, *labels])}what can be changed is {', '.join(labels)}"
    )


def value(config: Config, name: str, raw: object, *, samples: int = 0, regression: bool = False) -> float:
    """The value that `raw`, text or not, stands for, where a run with this config can take it from the next batch on.

    `samples` is the size of the training split, 0 where it is not known. Raises ValueError with what would be right.
    """
    found = BY_NAME[setting(name)].parse(raw)
    assert not isinstance(found, str)
    if name == "batch_size" and samples and found > samples:
        raise ValueError(f"a whole number, 1 to {samples}: there are so many training samples")
    if name == "momentum":
        if config.optimizer not in {"sgd", "rmsprop"}:
            raise Fixed(f"{config.optimizer} has no momentum; sgd and rmsprop have")
        if config.nesterov and not found:
            raise ValueError("a number above 0: nesterov looks ahead along it")
    if name == "label_smoothing" and regression and found:
        raise ValueError("0: there are numbers to predict, and no classes")
    return found
