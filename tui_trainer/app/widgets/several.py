"""Several values in one field of the form: a comma list, taken apart and gone on with. Text only, no check."""

from __future__ import annotations

from collections.abc import Sequence

from textual.suggester import Suggester

EACH = "each its own"
"""What stands in a field whose value differs between the presets that are listed."""
HINT = "several values: 1e-3,1e-2 makes a sweep"
"""How a sweep is made, for the foot of the form."""
HINT_BESIDE = "1e-3,1e-2 in a field: a sweep"
"""The same where there is less room."""


def values(text: str) -> list[str]:
    """The values of a list, as they were typed; a comma at the end waits for the next one and makes none."""
    found = [one.strip() for one in text.split(",")]
    return found[:-1] if len(found) > 1 and not found[-1] else found


def tidy(text: str) -> str:
    """The same without a comma at the end that nothing follows."""
    return ",".join(values(text)) if "," in text else text


def listed(text: str) -> bool:
    """Whether there is more than one value."""
    return len(values(text)) > 1


class ListSuggester(Suggester):
    """The first choice that what follows the last comma may go on to; the right arrow takes it."""

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._options = tuple(options)

    async def get_suggestion(self, value: str) -> str | None:
        return gone_on(value, self._options)


def gone_on(typed: str, options: Sequence[str]) -> str | None:
    """What was typed, gone on to the first choice that begins so and is not in the list yet; None where there is none."""
    before, comma, begun = typed.rpartition(",")
    word = begun.lstrip()
    there = values(before) if comma else []
    found = next((one for one in options if one.startswith(word) and one not in there and one != word), None)
    return typed + found[len(word) :] if found and comma else None
