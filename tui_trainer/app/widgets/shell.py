"""The same run as a command for a shell: only what differs from what the preset would do by itself."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tui_trainer import config
from tui_trainer.app.widgets.fields import text_of
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.config import Config
from tui_trainer.units import plain

PROGRAM = "tui-trainer train"


class Word(NamedTuple):
    """An option with its value, kept on one line."""

    option: str
    value: str
    wrong: bool = False

    @property
    def width(self) -> int:
        return len(self.option) + len(self.value) + bool(self.value)


class ShellCard(Panel):
    """The command, wrapped as a shell takes it; values that are wrong stand in red."""

    title = "The same from a shell"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words: list[Word] = [Word(PROGRAM, "")]

    def show(
        self,
        raw: Mapping[str, object],
        config: Config | None,
        suggested: Mapping[str, object],
        problems: Mapping[str, str],
        folders: Iterable[Path] = (),
        *,
        given: Mapping[str, object] | None = None,
    ) -> None:
        """`suggested` is what runs when nothing is given: all settings, and those that preset and dataset bring under
        `knobs` and `data`; `folders` are those that presets are looked for in as well; `given` is what
        was given of a sweep, whose values differ from what any of its presets would do."""
        preset = shlex.quote(plain(str(raw.get("preset", ""))))
        first = Word(PROGRAM, preset, "preset" in problems)
        if given is not None:
            options = given_words(given, problems)
        else:
            options = valid_words(config, suggested) if config else raw_words(raw, suggested, problems)
        self._words = [first, *options]
        self._words += [Word("--presets", shlex.quote(plain(str(folder)))) for folder in folders]
        self.draw()

    @property
    def command(self) -> str:
        """All of it on one line, to be copied."""
        return " ".join(f"{word.option} {word.value}".strip() for word in self._words)

    def rows(self, width: int) -> int:
        """Rows that it takes in this many columns, its rule included."""
        return 1 + len(self._wrapped(width - 3))

    def body(self, width: int, height: int) -> list[Line]:
        ink, indent = self.ink, (" " if width >= 44 else "")
        rows = self._wrapped(width - 1)
        left_out = rows[height:]
        lines: list[Line] = []
        for index, words in enumerate(rows[:height]):
            row = line((indent + ("    " if index else ""), ink.ink()))
            for place, word in enumerate(words):
                gap = " " if place else ""
                row += line(
                    (gap + word.option, ink.ink()),
                    (f" {word.value}" if word.value else "", ink.ink("worse" if word.wrong else "text", bold=word.wrong)),
                )
            if index < len(rows) - 1:
                row += line((" …" if left_out and index == height - 1 else " \\", ink.ink("dim")))
            lines.append(row)
        return lines

    def _wrapped(self, width: int) -> list[list[Word]]:
        rows: list[list[Word]] = [[]]
        used = 0
        for word in self._words:
            if rows[-1] and used + 1 + word.width > width - 3:
                rows.append([])
                used = 4
            used += word.width + bool(rows[-1])
            rows[-1].append(word)
        return rows


def valid_words(given: Config, suggested: Mapping[str, object]) -> list[Word]:
    """Options of a config that is right."""
    words: list[Word] = []
    for part in config.as_options(given, against=suggested):
        if part.startswith("--"):
            words.append(Word(part, ""))
        else:
            words[-1] = words[-1]._replace(value=shlex.quote(plain(part)))
    return words


def given_words(given: Mapping[str, object], problems: Mapping[str, str]) -> list[Word]:
    """Options of what was given, as text by name: lists with their commas."""
    words = [_option(name, str(text), name in problems) for name, text in given.items() if name not in {"preset", *config.OWN}]
    for group, option in config.OWN.items():
        own = given.get(group)
        for name, text in own.items() if isinstance(own, Mapping) else ():
            wrong = name in problems or f"{group}.{name}" in problems
            words.append(Word(option, shlex.quote(plain(f"{name}={text}")), wrong))
    return words


def raw_words(raw: Mapping[str, object], suggested: Mapping[str, object], problems: Mapping[str, str]) -> list[Word]:
    """Options of what stands in the form while something in it is wrong."""
    words = []
    for name, text in raw.items():
        if (
            name not in {"preset", *config.OWN}
            and text is not None
            and (name in problems or text != text_of(suggested.get(name, "")))
        ):
            words.append(_option(name, str(text), name in problems))
    for group, option in config.OWN.items():
        own, usual = raw.get(group), suggested.get(group)
        if isinstance(own, Mapping) and isinstance(usual, Mapping):
            for name, text in own.items():
                wrong = name in problems or f"{group}.{name}" in problems
                if wrong or text != text_of(usual.get(name, "")):
                    words.append(Word(option, shlex.quote(plain(f"{name}={text}")), wrong))
    return words


def _option(name: str, text: str, wrong: bool) -> Word:
    option = config.option_of(name)
    if config.BY_NAME[name].kind is bool and text in {"yes", "no"}:
        return Word(option if text == "yes" else f"--no-{option[2:]}", "", wrong)
    if config.BY_NAME[name].kind is bool and "," in text:
        return Word(f"{option}={shlex.quote(plain(text))}", "", wrong)
    return Word(option, shlex.quote(plain(text)), wrong)
