"""A sheet that asks for values and leaves the charts in sight: Enter answers, Esc drops. A subclass judges what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import on
from textual.binding import Binding
from textual.geometry import Region
from textual.widgets import Input

from tui_trainer.app.layout import Size
from tui_trainer.app.screens.asking_panel import Asked, AskingPanel, Beside
from tui_trainer.app.screens.layer import Layer

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

Answer = TypeVar("Answer")


class AskingSheet(Layer[Answer]):
    """Gives what `answer` makes of the fields; None where it was dropped."""

    BINDINGS = [Binding("escape", "drop", "drop", key_display="Esc", tooltip="Change nothing", id="drop")]

    def __init__(self, title: str, fact: str, asked: Sequence[Asked], *, first: str = "", word: str = "do it") -> None:
        """`first` is the field that has the cursor; `word` is what the footer says that Enter does."""
        self.sheet = AskingPanel(title, fact, asked)
        super().__init__(self.sheet)
        self._first, self._word = first, word

    def problem(self, key: str, text: str) -> str:
        """What would be right where this text is not; empty where it is."""
        raise NotImplementedError

    def change(self, key: str, text: str) -> str:
        """What this text would do, as a phrase; empty where nothing."""
        raise NotImplementedError

    def answer(self) -> Answer | None:
        """What the sheet gives, once nothing is wrong."""
        raise NotImplementedError

    @property
    def typed(self) -> dict[str, str]:
        """What stands in each field."""
        return {key: field.value.strip() for key, field in self.sheet.fields.items()}

    @property
    def wrong(self) -> list[str]:
        """Keys of the fields that hold nothing usable."""
        return [key for key, text in self.typed.items() if self.problem(key, text)]

    def on_mount(self) -> None:
        super().on_mount()
        fields = self.sheet.fields
        if fields:
            self.set_focus(fields.get(self._first) or next(iter(fields.values())))
        for key in fields:
            self._judge(key)

    def place(self, size: Size) -> Region:
        self.sheet.tight = size.narrow
        return size.risen(self.sheet.rows)

    def lay_out(self) -> None:
        super().lay_out()
        self.sheet.arrange_fields(self.app.size.width)
        self.sheet.draw()

    def keys(self) -> Keys:
        several = [("Tab", "next")] if len(self.sheet.fields) > 1 else []
        return [*several, ("Enter", self._word), ("Esc", "drop")]

    def _judge(self, key: str) -> None:
        """Say beside a field what its text breaks, or what it would do."""
        text = self.typed[key]
        if problem := self.problem(key, text):
            self.sheet.say(key, Beside(f"✕ {problem}", "worse"), wrong=True)
        else:
            does = self.change(key, text)
            self.sheet.say(key, Beside(does, "you") if does else None)

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        self._judge(next(key for key, field in self.sheet.fields.items() if field is message.input))
        self.sheet.draw()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if wrong := self.wrong:
            self.sheet.fields[wrong[0]].focus()
        elif self.is_current:
            self.dismiss(self.answer())

    def action_drop(self) -> None:
        if self.is_current:
            self.dismiss(None)
