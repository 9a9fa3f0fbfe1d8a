"""How much longer a finished run is to train. It gives the budget as it was typed; whether that can be is asked elsewhere."""

from __future__ import annotations

from tui_trainer.app.screens.asking_panel import Asked
from tui_trainer.app.screens.asking_sheet import AskingSheet
from tui_trainer.app.widgets.fields import text_of

FIRST = {"epochs": "+5", "steps": "+1000", "seconds": "+60"}
"""What stands in the field at first."""


class MoreSheet(AskingSheet[str]):
    """One field: so much more (`+5`), or so much in all (`15`)."""

    def __init__(self, run_id: str, budget: tuple[str, float]) -> None:
        """`budget` is the unit and amount of the run so far."""
        self._unit, self._amount = budget
        asked = Asked("budget", self._unit, FIRST.get(self._unit, "+5"))
        fact = f"run {run_id} has trained its {text_of(self._amount)} {self._unit}; the weights and the curve go on."
        super().__init__("Go on for longer", fact, [asked], word="go on")

    def problem(self, key: str, text: str) -> str:
        return "" if self.total(text) is not None else f"+5 for so many more, or more than {text_of(self._amount)} in all"

    def change(self, key: str, text: str) -> str:
        return f"{text_of(self._amount)} → {text_of(self.total(text))} {self._unit}"

    def answer(self) -> str:
        return self.typed["budget"]

    def total(self, text: str) -> float | None:
        """The whole budget that a text stands for; None where it is no longer one."""
        try:
            amount = float(text)
        except ValueError:
            return None
        total = self._amount + amount if text.startswith("+") else amount
        whole = self._unit == "seconds" or total == int(total)
        return (total if self._unit == "seconds" else int(total)) if self._amount < total < 1e9 and whole else None
