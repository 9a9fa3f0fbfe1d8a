"""The widgets on the form's page, one for each key, kept in step with the draft. They report; nobody asks them."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from tui_trainer.app.widgets import page
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.choice import ChoiceField
from tui_trainer.app.widgets.draft import Draft
from tui_trainer.app.widgets.fields import FURTHER, PATH
from tui_trainer.app.widgets.page import EDIT, MORE, START, Saying
from tui_trainer.app.widgets.several import EACH, listed
from tui_trainer.app.widgets.switches import SwitchesField
from tui_trainer.app.widgets.textfield import TextField

FieldWidget = ChoiceField | TextField | PushButton


class FieldSet:
    """All fields and buttons, in the order of Tab."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.widgets: dict[str, FieldWidget] = {}
        """Empty until `compose`: a line of text can only be made inside a running app."""
        self._typing = ""
        """The choice of which a list is being typed: a line of text as long as it has the focus."""

    def compose(self) -> Iterator[FieldWidget]:
        self.widgets = {key: self._make(key) for key in page.order(self._draft)}
        yield from self.widgets.values()

    @property
    def focused(self) -> str:
        """Key of the one that has the focus, or nothing."""
        return next((key for key, widget in self.widgets.items() if widget.has_focus_within or widget.has_focus), "")

    def renew(self, parent: Widget) -> None:
        """Take over everything from the draft: as many knobs, their choices, the text of each field."""
        self._grow(parent)
        for key, widget in self.widgets.items():
            if isinstance(widget, ChoiceField):
                widget.offer(self._draft.field(key).options)
            if isinstance(widget, TextField):
                widget.placeholder = EACH if self._draft.differs(key) else ""
            if not isinstance(widget, PushButton):
                widget.set_text(self._draft.text(key))

    def speak(self, saying: Saying) -> None:
        """Draw what is wrong, what `auto` means, and what the buttons do now."""
        for key, widget in self.widgets.items():
            if isinstance(widget, ChoiceField):
                widget.resolve(saying.resolved.get(key, ("", ""))[0])
            if not isinstance(widget, PushButton):
                widget.mark(key in saying.wrong)
        self._button(START, saying.start, faint=bool(saying.wrong))
        self._button(EDIT, page.edit_label(self._draft))
        self._button(MORE, f"{len(FURTHER)} settings", mark="▾" if saying.unfolded else "▸")

    def _button(self, key: str, label: str, *, mark: str = "", faint: bool = False) -> None:
        button = self.widgets[key]
        if isinstance(button, PushButton):
            button.show(label, mark=mark, faint=faint)

    def _make(self, key: str) -> FieldWidget:
        if key in {START, EDIT, MORE}:
            return PushButton(key, first=key == START)
        field, text = self._draft.field(key), self._draft.text(key)
        if self._in_text(key):
            line = TextField(key, text, path=key == PATH, options=[one.value for one in field.options])
            line.placeholder = EACH if self._draft.differs(key) else ""
            return line
        return SwitchesField(key, field.options, text) if field.several else ChoiceField(key, field.options, text)

    def _in_text(self, key: str) -> bool:
        """Whether this field is a line of text: a list is typed, also one of choices."""
        typing = key == self._typing or (key == self.focused and isinstance(self.widgets[key], TextField))
        return typing or not self._draft.field(key).options or listed(self._draft.text(key))

    def _grow(self, parent: Widget) -> None:
        """Have exactly the fields that the preset and the dataset need."""
        wanted = page.order(self._draft)
        for key in [key for key in self.widgets if key not in wanted or self._changed(key)]:
            self.widgets.pop(key).remove()
        here = self.widgets
        self.widgets = {}
        for key in reversed(wanted):  # from the end: each new one stands before the one that follows it
            if (widget := here.get(key)) is None:
                widget = self._make(key)
                parent.mount(widget, before=next(iter(self.widgets.values())))
            self.widgets = {key: widget} | self.widgets

    def _changed(self, key: str) -> bool:
        """Whether the field of this name is a choice now and was a line of text, or the other way round."""
        widget = self.widgets[key]
        return not isinstance(widget, PushButton) and isinstance(widget, TextField) != self._in_text(key)

    def type_list(self, key: str, parent: Widget) -> None:
        """Let a list be typed in the place of a choice, behind the value that is there."""
        self._typing = key
        self.renew(parent)
        if isinstance(field := self.widgets[key], TextField):
            field.select_on_focus = False
            field.cursor_position = len(field.value)
            field.focus()

    def settle(self, parent: Widget) -> bool:
        """A choice is a choice again once the list that was typed in it is none and the cursor has left; whether that came."""
        self._typing = self._typing if self._typing == self.focused else ""
        if not any(self._changed(key) for key in self.widgets):
            return False
        self.renew(parent)
        return True
