"""What can be changed of a run while it trains, a field each. It gives commands for what was changed, and sends nothing."""

from __future__ import annotations

from tui_trainer import steering, units
from tui_trainer.app.screens.asking_panel import Asked
from tui_trainer.app.screens.asking_sheet import AskingSheet
from tui_trainer.app.widgets.fields import SHORT, spaced, text_of
from tui_trainer.commands import Command, Set, SetLearningRate
from tui_trainer.config import BY_NAME, Config

Commands = tuple[Command, ...]


class ChangeSheet(AskingSheet[Commands]):
    """A field for each setting that this run can take; why not, for the others."""

    def __init__(self, config: Config, *, samples: int = 0, regression: bool = False, first: str = "lr") -> None:
        """`config` has the values of now; `samples` is the size of the training split, 0 where it is not known."""
        self.config, self._samples, self._regression = config, samples, regression
        asked = [self._asked(name) for name in steering.STEERABLE]
        super().__init__(
            "Change the run", "from the next batch on; only what you change is sent", asked, first=first, word="change"
        )

    def _asked(self, name: str) -> Asked:
        now = self._now(name)
        why = refusal(self.config, name, regression=self._regression)
        return Asked(name, BY_NAME[name].label, now, SHORT.get(name, BY_NAME[name].help), why)

    def _now(self, name: str) -> str:
        return shown(name, getattr(self.config, name))

    def _value(self, name: str, text: str) -> float:
        return steering.value(self.config, name, text, samples=self._samples, regression=self._regression)

    def problem(self, key: str, text: str) -> str:
        if text == self._now(key):
            return ""
        try:
            self._value(key, text)
        except ValueError as error:
            return spaced(str(error))
        return ""

    def change(self, key: str, text: str) -> str:
        if text == self._now(key):
            return ""  # also where it could not be asked for: a batch may be larger than the training split
        old, new = getattr(self.config, key), self._value(key, text)
        return "" if new == old else f"{shown(key, old)} → {shown(key, new)}"

    def answer(self) -> Commands:
        found: list[Command] = []
        for name, text in self.typed.items():
            if text == self._now(name) or (value := self._value(name, text)) == getattr(self.config, name):
                continue
            found.append(SetLearningRate(value) if name == "lr" else Set(name, value))
        return tuple(found)


def shown(name: str, value: float) -> str:
    """A value as it stands elsewhere on the screen, with nothing rounded away."""
    short = units.lr(value)
    return short if name == "lr" and float(short) == value else text_of(value)


def refusal(config: Config, name: str, *, regression: bool = False) -> str:
    """Why a run with this config can take no other value of a setting at all; empty where it can."""
    try:
        steering.value(config, name, 0.1 if name == "label_smoothing" else getattr(config, name), regression=regression)
    except ValueError as error:
        return str(error).removeprefix("0: ")
    return ""
