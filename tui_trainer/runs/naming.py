"""What tells a setting from those beside it, in few words: the preset, and where that is not enough the settings that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_trainer.runs.differing import Settings, differing, said, together
from tui_trainer.runs.seeds import LOCAL, Group
from tui_trainer.runs.side import Side
from tui_trainer.settings import BY_NAME

MOST_WORDS = 3
"""Settings that are named in a label; `what differs` has all."""


def labels(groups: Sequence[Group]) -> dict[str, str]:
    """That of each letter."""
    sides = {letter: [side for side in group.sides if side.letter == letter] for group in groups for letter in group.letters}
    given = {letter: group.label for group in groups for letter in group.letters}
    alone = {letter: group.label for group in groups for letter in group.letters if len(group.letters) == 1 and group.label}
    return {letter: alone.get(letter) or _label(letter, sides, given[letter]) for letter in sides}


def _label(letter: str, sides: Mapping[str, Sequence[Side]], given: str) -> str:
    """`cnn`; beside another of the same preset `cnn, rate 1e-2`."""
    preset = sides[letter][0].config.preset
    alike = [one for one in sides if sides[one][0].config.preset == preset]
    rows = [_of_setting(sides[one]) for one in alike]
    found = [one for one in differing(rows) if one.values[alike.index(letter)] is not None]
    words = [_word(one.name, one.values[alike.index(letter)]) for one in found if one.name != "seed"]
    if not words and len(alike) > 1:
        texts = list(dict.fromkeys(sides[one][0].preset_text for one in alike))
        at = texts.index(sides[letter][0].preset_text)
        seeds = [_word(one.name, one.values[alike.index(letter)]) for one in found]
        words = [f"edition {at + 1}"] if len(texts) > 1 else seeds
    more = ["…"] if len(words) > MOST_WORDS else []
    return ", ".join([given or preset, *words[:MOST_WORDS], *more])


def _of_setting(sides: Sequence[Side]) -> Settings:
    """Without what is no part of a setting; but where nothing else tells letters apart, the seed does."""
    one = together([side.config for side in sides])
    return {name: value for name, value in one.items() if name not in LOCAL - {"seed"} and name != "preset"}


def _word(name: str, value: object) -> str:
    label = BY_NAME[name].label if name in BY_NAME else name.removeprefix("knob ").removeprefix("data ")
    return f"{label} {said(name, value)}"
