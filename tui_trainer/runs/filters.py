"""Words that choose among runs: `cifar10 lr>=1e-3 status:finished -note:"too slow"`. All of them must hold.

A word alone is looked for in every text that a run has. A word with a column, a setting or a knob before `:` (has it in it), `=`,
`!=`, `>`, `>=`, `<` or `<=` compares; `-` before any of them turns it round. What is still being typed, or means nothing, holds for
every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tui_trainer.config import Config
from tui_trainer.runs import columns, quantities
from tui_trainer.runs.columns import BY_WORD, Column, Value, typed
from tui_trainer.runs.summaries import Summary
from tui_trainer.settings import SETTINGS, nearest

Wanted = Callable[[Summary], bool]

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_TERM = re.compile(r"([^\s:=<>!]+)(:|!=|>=|<=|=|>|<)(.*)", re.DOTALL)
_TEXTS = tuple(one for one in columns.COLUMNS if one.kind == "text" and one.name != "run")
_SETTINGS = {word: one.name for one in SETTINGS for word in (one.name, one.label.replace(" ", "_"))}


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, ready to choose with."""

    text: str = ""
    problem: str = ""
    """What of it means nothing, in a sentence with what may have been meant; empty where all is well."""
    unfinished: str = ""
    """The first word of it that asks for nothing yet, in a sentence: to a person who types, no news."""
    _terms: tuple[Wanted, ...] = field(default=(), repr=False)

    def wanted(self, one: Summary) -> bool:
        """Whether a run is among those that were asked for."""
        return all(holds(one) for holds in self._terms)

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self._terms)


class _Wrong(ValueError):
    """A word that means nothing, in a sentence."""


def parse(text: str, knobs: Collection[str] | None = None) -> Filter:
    """The filter of what was typed. `knobs`, see `columns.knobs`: those that there are; without them any may be."""
    terms, problems, unfinished = [], [], []
    for word in _WORD.findall(text):
        try:
            holds = _term(word, knobs)
        except _Wrong as wrong:
            problems.append(str(wrong))
            continue
        if holds is not None:
            terms.append(holds)
        else:
            unfinished.append(f"{word!r} asks for nothing yet: a word or a value is needed")
    return Filter(text, (problems or [""])[0], (unfinished or [""])[0], tuple(terms))


def _term(word: str, knobs: Collection[str] | None) -> Wanted | None:
    """What a word asks for; None where that is not said yet."""
    if word.startswith("-") and len(word) > 1:
        holds = _term(word[1:], knobs)
        return None if holds is None else lambda one: not holds(one)
    match = _TERM.fullmatch(word)
    if match is None or word.startswith(('"', "folder:")):  # a dataset is called folder:PATH
        return _anywhere(_unquoted(word))
    name, sign, value = match[1].lower().replace("-", "_"), match[2], _unquoted(match[3])
    if not value:
        return None
    if (column := BY_WORD.get(name)) is not None:
        return _column(column, sign, value)
    if name in _SETTINGS or knobs is None or name in {knob.lower() for knob in knobs}:
        return _setting(_SETTINGS.get(name, name), sign, value)
    known = [*BY_WORD, *_SETTINGS, *knobs]
    raise _Wrong(f"there is no column or knob {match[1]!r}; {nearest(name, known)}".rstrip("; "))


def _unquoted(text: str) -> str:
    return text.replace('"', "").strip()


def _anywhere(text: str) -> Wanted | None:
    """In a name, a note, a setting, or at the beginning of the id: its middle has some letters in every fourth run."""
    if text in {"", "-"}:
        return None
    sought = text.casefold()
    return lambda one: (
        (len(sought) > 1 and one.run.id.startswith(sought))
        or any(sought in str(each.value(one) or "").casefold() for each in _TEXTS)
    )


def _column(column: Column, sign: str, value: str) -> Wanted | None:
    if column.kind == "text":
        if column.name == "run":
            return _words(lambda one: f"{one.run.id} {one.run.name}", sign, value, column.name)
        return _words(column.value, sign, value, column.name)
    return _number(column.value, sign, value, column.name, column.kind)


def _setting(name: str, sign: str, value: str) -> Wanted | None:
    """A setting of the run, its preset or its dataset; a run that has none of that name is not wanted."""
    try:
        limit = quantities.read(value, "number")
    except ValueError:
        limit = None
    if limit is None and sign not in {":", "=", "!="}:
        return None if quantities.unfinished(value) else _refuse(name, value, "number")
    text = _compared(":" if sign == ":" else "=", value)

    def holds(one: Summary) -> bool:
        found = _of(one.config, name)
        if isinstance(found, (int, float)) and not isinstance(found, bool) and limit is not None:
            return quantities.compares(float(found), sign, limit, 0.0)
        if sign not in {":", "=", "!="}:
            return False
        same = found is not None and text(typed(found))
        return same != (sign == "!=")

    return holds


def _of(config: Config, name: str) -> object:
    own = {key.lower(): found for key, found in (config.knobs | config.data).items()}
    return own.get(name, getattr(config, name, None) if name in _SETTINGS.values() else None)


def _words(value: Callable[[Summary], Value], sign: str, text: str, name: str) -> Wanted:
    if sign in {">", ">=", "<", "<="}:
        raise _Wrong(f"{name} is no number: {name}:{text} asks for what has that in it")
    same = _compared(sign, text)
    return lambda one: same(str(value(one) or "")) != (sign == "!=")


def _compared(sign: str, text: str) -> Callable[[str], bool]:
    """`:` has it in it; `=` is it, or is one of its words."""
    sought = text.casefold()
    if sign == ":":
        return lambda found: sought in found.casefold()
    return lambda found: sought in {found.casefold(), *found.casefold().split()}


def _number(value: Callable[[Summary], Value], sign: str, text: str, name: str, kind: columns.Kind) -> Wanted | None:
    try:
        limit = quantities.read(text, kind)
    except ValueError:
        return None if quantities.unfinished(text) else _refuse(name, text, kind)
    close = quantities.half_a_digit(text, kind)

    def holds(one: Summary) -> bool:
        found = value(one)
        return isinstance(found, (int, float)) and quantities.compares(float(found), sign, limit, close)

    return holds


def _refuse(name: str, text: str, kind: columns.Kind) -> Wanted:
    raise _Wrong(f"{name} is compared with {quantities.EXAMPLES[kind]}, not {text!r}")
