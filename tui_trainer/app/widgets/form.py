"""The setup form: every setting of a run as a field, what is wrong beside it, and Start. It is given the check, and knows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from tui_trainer.app.widgets import page
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.choice import ChoiceField
from tui_trainer.app.widgets.draft import Draft
from tui_trainer.app.widgets.fields import FURTHER, Option
from tui_trainer.app.widgets.fieldset import FieldSet
from tui_trainer.app.widgets.form_says import FormSays
from tui_trainer.app.widgets.page import EDIT, MORE, START, Saying
from tui_trainer.app.widgets.sheet import COLUMN, WIDE, Foot, Grid, Heading, Page, Row, Sheet, fitted_rows, narrow
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.config import ConfigError

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.datasets import Dataset
    from tui_trainer.measured import Measured
    from tui_trainer.preset import Preset
    from tui_trainer.session import Setup
    from tui_trainer.session.several import Several

Layout = Literal["wide", "narrow", "column"]
Configure = Callable[[Mapping[str, object]], "Setup"]
Gather = Callable[[Mapping[str, object], Mapping[str, "Preset"]], "Several"]
GRIDS: dict[Layout, Callable[[int], Grid]] = {"wide": lambda _: WIDE, "narrow": narrow, "column": lambda _: COLUMN}


class SetupForm(FormSays, Vertical):
    """Fields, Start, and the button that opens the preset in an editor."""

    DEFAULT_CSS = """
    SetupForm { height: 1fr; width: 1fr; background: $ground; }
    """

    BINDINGS = [
        Binding("enter", "start", "start", tooltip="Start training with these settings", id="start"),
        Binding("escape", "leave", "leave the field", tooltip="Out of the form", id="leave"),
    ]

    def __init__(
        self,
        presets: Sequence[Preset],
        datasets: Mapping[str, Dataset],
        configure: Configure,
        gather: Gather | None = None,
        *,
        given: Mapping[str, object] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.draft = Draft(presets, datasets, given or {})
        self.setup: Setup | None = None
        """Of a sweep the first of its runs."""
        self.several: Several | None = None
        """What lists in the fields stand for; None where there is none, or where something is wrong."""
        self.problems: dict[str, str] = {}
        """A sentence for everything that is wrong, by setting or knob."""
        self._configure, self._gather = configure, gather
        self._layout: Layout = "wide"
        self._saying = Saying()
        self._heading, self._foot, self._page, self._sheet = Heading(), Foot(), Page(), Sheet()
        self._fields = FieldSet(self.draft)
        self._check()

    def compose(self) -> ComposeResult:
        yield self._heading
        with self._page, self._sheet:
            yield from self._fields.compose()
        yield self._foot

    def raw(self) -> dict[str, object]:
        """Every setting as text; knobs under `knobs`."""
        return self.draft.raw()

    def fill(self, raw: Mapping[str, object]) -> None:
        """Lay settings over the form, such as those of an earlier run."""
        self.draft.fill(raw)
        self._renew()

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """The preset files were read again."""
        self.draft.presets = {one.name: one for one in presets}
        self._renew()

    def set_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """Devices that can be chosen, each with its sentence; `auto` is there by itself."""
        self.draft.devices = [self.draft.devices[0], *(Option(name, about) for name, about in devices)]
        self._renew()

    def resolve(self, measured: Measured) -> None:
        """Show what `auto` means on this machine."""
        self._saying.resolved = page.resolved(measured)
        self._arrange()

    def set_layout(self, layout: Layout) -> None:
        """`wide` with sentences beside the fields, `narrow` with one at the foot, `column` with none."""
        if layout != self._layout:
            self._layout = layout
            self._arrange()

    def hold(self, locked: bool, *, rate: str = "") -> None:
        """Hold everything while a run is live; `rate` is the learning rate it has now."""
        if (locked, rate) != (self._saying.locked, self._saying.rate):
            self._saying.locked = self._sheet.locked = self._heading.locked = locked
            self._saying.rate = rate
            self._sheet.can_focus = locked
            self._arrange()
            self._heading.draw()

    @property
    def rows(self) -> int:
        """Rows that the form would like to have, its rule included."""
        every = page.rows(self.draft, self._saying)
        return 1 + len(every) if self._layout == "wide" else 2 + sum(not row.loose for row in every)

    @property
    def focused_field(self) -> str:
        """Name of the field or button that has the focus, or nothing."""
        return self._fields.focused

    @property
    def waits_for(self) -> str:
        """Why it cannot start, in one sentence; empty when it can."""
        return page.waits_for(self.draft, self._saying.wrong)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field; `start` is the Start button."""
        if name in FURTHER and not self._saying.unfolded:
            self._unfold()
        if (widget := self._fields.widgets.get(name)) is not None:
            widget.focus()

    # What the person does

    def action_start(self) -> None:
        if self._saying.locked:
            return
        if self.waits_for:
            self._say(Row(START, note=self.waits_for, wrong=True))
            self.post_message(self.Refused(self.waits_for))
        else:
            self.post_message(self.StartPressed())

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_start()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, TextField) and event.value != self.draft.text(event.input.key):
            self.draft.type(event.input.key, event.value)
            if event.input.key in {"preset", "dataset"}:
                self._renew()
            else:
                self._edited()

    def on_choice_field_picked(self, event: ChoiceField.Picked) -> None:
        event.stop()
        self.draft.type(event.field.key, event.value)
        if event.field.key in {"preset", "dataset"}:
            self._renew()
        else:
            self._edited()

    def on_choice_field_several(self, event: ChoiceField.Several) -> None:
        """A list is wanted where there was a choice: it is typed."""
        event.stop()
        key = event.field.key
        self.draft.type(key, (self.draft.text(key) or self.draft.first(key)) + ",")
        self._fields.type_list(key, self._sheet)
        self._renew()

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        event.stop()
        match event.button.key:
            case page.START:
                self.action_start()
            case page.EDIT:
                self.post_message(self.EditPressed())
            case page.MORE:
                self._unfold()

    def on_sheet_pointed(self, event: Sheet.Pointed) -> None:
        event.stop()
        self.focus_field(event.key)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._heading.draw()
        self._speak()
        self._page.reveal(next((y for y, row in enumerate(self._sheet.rows) if row.key == self.focused_field), 0))
        name = self.focused_field
        self.post_message(self.FieldFocused("" if name in {START, EDIT, MORE} else name))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._heading.draw()
        if self._fields.settle(self._sheet):
            self._arrange()
        self._speak()

    def on_mount(self) -> None:
        self.call_after_refresh(self._tell)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    # How it follows

    def _edited(self) -> None:
        """A value changed: check it all and say so."""
        unfolded = self._saying.unfolded
        self._check()
        if unfolded != self._saying.unfolded:
            self._arrange()
        else:
            self._speak()
        self._tell()

    def _renew(self) -> None:
        """The values changed under the fields: another preset, an earlier run."""
        self._check()
        if self._sheet.is_mounted:
            self._fields.renew(self._sheet)
            self._arrange()
            self._tell()
        elif self._fields.widgets:
            self.call_later(self._renew)  # they are on their way to the screen

    def _check(self) -> None:
        """Make a setup of what stands there, or learn what is wrong."""
        self.setup, self.several, self.problems = None, None, {}
        try:
            if self._gather is not None and self.draft.several:
                self.several = self._gather(self.draft.given(), self.draft.presets)
                self.setup = self.several.setups[0]
            else:
                self.setup = self._configure(self.raw())
        except ConfigError as error:
            self.problems = error.problems
        if (preset := self.draft.preset) is not None and preset.problem:
            self.setup, self.several, self.problems = None, None, {"preset": preset.problem} | self.problems
        self._saying.makes = self.several.words if self.several else ""
        self._saying.runs = self.several.count if self.several else 1
        self._saying.wrong = self.draft.place(self.problems)
        self._saying.unfolded = self._saying.unfolded or any(key in FURTHER for key in self._saying.wrong)

    def _tell(self) -> None:
        self.post_message(self.Changed(self.raw(), self.setup, self.problems))

    def _unfold(self) -> None:
        self._saying.unfolded = not self._saying.unfolded
        self._check()  # what is wrong stays in sight
        self._arrange()

    def _arrange(self) -> None:
        """Lay out anew: another size, layout, or set of rows."""
        if not self._sheet.is_mounted:
            return
        self._foot.display = self._layout != "wide"
        self._speak()
        self._sheet.place(self._fields.widgets)

    def _speak(self) -> None:
        """Draw what follows from the values: rows, marks, buttons."""
        self._saying.focused = self.focused_field
        self._saying.footed = self._layout != "wide"
        self._saying.roomy = self._layout != "wide" or self.size.width > 90
        every = page.rows(self.draft, self._saying)
        if self._layout == "wide":
            fitting = fitted_rows(every, self.size.height - 1)
        else:
            fitting = fitted_rows([row for row in every if row.loose in {0, 4}], self.size.height - 2)
        self._sheet.show(fitting, GRIDS[self._layout](self.size.width))
        self._fields.speak(self._saying)
        row = next((row for row in fitting if row.key and row.key == self._saying.focused), Row())
        self._say(row if row.note or not self.waits_for else Row(START, note=self.waits_for, wrong=True))

    def _say(self, row: Row) -> None:
        """One sentence at the foot, where there is none beside the fields."""
        self._foot.row = row if self._layout == "narrow" or row.wrong else Row()
        self._foot.draw()
