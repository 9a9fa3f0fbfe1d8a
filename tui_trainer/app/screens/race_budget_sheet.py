"""How long the next race is to be: one field, in seconds, samples or steps."""

from __future__ import annotations

import re

from tui_trainer.app.screens.asking_panel import Asked
from tui_trainer.app.screens.asking_sheet import AskingSheet
from tui_trainer.session.race import Budget

ALLOWED = "30 s, 2 min, 50 000 samples or 500 steps"
SIZES = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), ("seconds", 1.0)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("seconds", 60.0)),
    **dict.fromkeys(("h", "hour", "hours"), ("seconds", 3600.0)),
    **dict.fromkeys(("sample", "samples", "picture", "pictures", "img"), ("samples", 1.0)),
    **dict.fromkeys(("step", "steps", "batches"), ("steps", 1.0)),
}
TIMES = {"": 1.0, "k": 1e3, "M": 1e6}
TEXT = re.compile(r"([\d  _]*\d(?:[.,]\d+)?)\s*([kM]?)\s*([a-z]*)")
CLOCK = re.compile(r"(\d+):([0-5]\d)")
SPAN = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*min)?\s*(?:(\d+)\s*s)?")
MOST = 1e9


def budget_of(text: str) -> Budget | None:
    """`30`, `30 s`, `1:30`, `2 min`, `50 000 samples`, `50k samples`, `500 steps`; None for anything else."""
    span = SPAN.fullmatch(text.strip()) or CLOCK.fullmatch(text.strip())
    if span is not None and any(span.groups()):
        amount = 0.0
        for part in span.groups():
            amount = 60.0 * amount + int(part or 0)
        return Budget("seconds", amount) if 0 < amount <= MOST else None
    found = TEXT.fullmatch(text.strip())
    if found is None or found[3] not in SIZES or (found[2] and not found[3]):
        return None
    unit, size = SIZES[found[3]]
    amount = float(re.sub(r"[  _]", "", found[1]).replace(",", ".")) * TIMES[found[2]] * size
    whole = unit == "seconds" or amount == int(amount)
    return Budget(unit, amount) if whole and 0 < amount <= MOST else None


class RaceBudgetSheet(AskingSheet[Budget]):
    """Gives the budget of the next race."""

    def __init__(self, now: Budget, *, live: bool) -> None:
        """`live`: whether a race goes on, which ends first."""
        fact = "the race that goes on is stopped and kept." if live else "the same settings, the same seed, from the beginning."
        super().__init__("Race over another budget", fact, [Asked("budget", "budget", now.total(), ALLOWED)], word="race")

    def problem(self, key: str, text: str) -> str:
        return "" if budget_of(text) is not None else ALLOWED

    def change(self, key: str, text: str) -> str:
        found = budget_of(text)
        return f"a race of {found.total()}{'' if found.unit == 'seconds' else ' each'}" if found is not None else ""

    def answer(self) -> Budget | None:
        return budget_of(self.typed["budget"])
