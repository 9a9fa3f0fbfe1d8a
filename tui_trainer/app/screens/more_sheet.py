"""How much longer a finished run is to train. It gives the budget as it was typed; whether that can be is asked elsewhere."""

from __future__ import annotations

from tui_trainer.app.screens.asking_panel import Asked
from tui_trainer.app.screens.asking_sheet import AskingSheet
from tui_trainer.app.widgets.fields import text_of
from tui_trainer.session.resuming import MORE, total


class MoreSheet(AskingSheet[str]):
    """One field: so much more (`+5`), or so much in all (`15`)."""

    def __init__(self, run_id: str, budget: tuple[str, float]) -> None:
        """`budget` is the unit and amount of the run so far."""
        self._unit, self._amount = budget
        asked = Asked("budget", self._unit, MORE[self._unit])
        fact = f"run {run_id} has trained its {text_of(self._amount)} {self._unit}; the weights and the curve go on."
        super().__init__("Go on for longer", fact, [asked], word="go on")

    def problem(self, key: str, text: str) -> str:
        return "" if self._total(text) is not None else f"+5 for so many more, or more than {text_of(self._amount)} in all"

    def change(self, key: str, text: str) -> str:
        return f"{text_of(self._amount)} → {text_of(self._total(text))} {self._unit}"

    def answer(self) -> str:
        return self.typed["budget"]

    def _total(self, text: str) -> float | None:
        return longer(self._unit, self._amount, text)


def longer(unit: str, before: float, text: str) -> float | None:
    """The whole budget that a text stands for, `+5` or `15`; None where it is not longer than before."""
    try:
        found = total(unit, before, text)
    except ValueError:
        return None
    return None if found <= before else int(found) if found == int(found) else found
