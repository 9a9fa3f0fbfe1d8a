"""Presets: the architectures there are, what each says of itself, and its source. It composes, binds and forwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import paths, preset, units
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.source import SourceScreen, line_of
from tui_trainer.app.screens.tab import Keys, Tab
from tui_trainer.app.widgets.filter_line import FilterChanged, FilterLeft, FilterLine
from tui_trainer.app.widgets.picker import RowOpened, RowPicked
from tui_trainer.app.widgets.preset_card import PresetCard
from tui_trainer.app.widgets.preset_list import PresetList
from tui_trainer.app.widgets.rows import line
from tui_trainer.app.widgets.source_text import SourceText, first_line
from tui_trainer.preset import Preset, PresetError


class PresetsScreen(Tab):
    """A list at the left; at the right the card of the preset under the cursor and the head of its source."""

    TAB = "Presets"
    ORDER = ("presets", "source")
    AUTO_FOCUS = "#presets"
    BINDINGS = [
        Binding("e", "source", "source", tooltip="The whole source; from there your editor", id="source"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only presets with some words", id="filter"),
    ]

    def panels(self) -> Iterable[Widget]:
        self.list = PresetList(id="presets")
        self.filter = FilterLine("conv", id="filter")
        self.card = PresetCard(id="card")
        self.text = SourceText(id="source")
        self.all: list[Preset] = []
        self.filtering = False
        yield from (self.list, self.filter, self.card, self.text)

    def on_mount(self) -> None:
        self.look()

    def on_screen_resume(self) -> None:
        self.look()  # an editor may have been at them

    def look(self) -> None:
        """Read what presets there are; none of them is run."""
        self.all = preset.everything(self.trainer.preset_folders)
        self._filtered()

    def _filtered(self) -> None:
        words = self.filter.text.lower().split()
        found = [one for one in self.all if all(word in f"{one.name} {one.about} {one.text}".lower() for word in words)]
        where = paths.short(paths.your_presets())
        self.list.show(found, "no preset has these words: Esc clears" if self.all else f"there are no presets; yours go to {where}")
        ink = self.list.ink
        self.filter.say(line((f"{len(found)}", ink.ink("bright")), (f" of {len(self.all)}", ink.ink("dim"))))
        self._picked()

    def _picked(self) -> None:
        """Card and source of the preset under the cursor."""
        found = self.list.current
        self.card.show(found)
        if found is None:
            self.text.show("Source", "")
        else:
            try:
                source = preset.source(found)
            except PresetError as error:
                source = f"# {units.plain(str(error))}"
            self.text.show(f"{units.plain(found.name)}.py", source, marked=line_of(found.problem), start=first_line(source))
        self.lay_out()

    def places(self, size: Size) -> Mapping[str, Region]:
        edge = 0 if size.narrow else 1
        width = size.width - 2 * edge
        places: dict[str, Region] = {}
        top = size.top
        if self.filtering:
            places["filter"] = Region(edge, top, width, 1)
            top += 2 if size.airy else 1
        rows = size.bottom - top
        if size.width < 76:
            above = min(max(len(self.all) + 1, 4), rows // 2)
            places["presets"] = Region(edge, top, width, above)
            places["card"] = Region(edge, top + above, width, rows - above)
            return places
        left = min(max(width * 2 // 5, 34), 56)
        x, right = edge + left + 2, width - left - 2
        places["presets"] = Region(edge, top, left, rows)
        card = min(self.card.wanted(right), max(rows - max(rows // 3, 6), 8), rows)
        places["card"] = Region(x, top, right, card)
        if rows - card >= 4:
            places["source"] = Region(x, top + card + 1, right, rows - card - 1)
        return places

    def show(self) -> None:
        self.trainer.show_status()

    def keys(self) -> Keys:
        if self.focused is self.filter:
            return [("Enter", "to the list"), ("Esc", "clear"), ("F1", "help")]
        if self.focused is self.text:
            return [("↑↓", "scroll"), ("e", "whole source"), ("Tab", "list"), ("z", "zoom"), ("Esc", "back"), ("?", "help")]
        use = [("Enter", "use it")] if not self.trainer.read_only else []
        return [
            *use,
            ("e", "source"),
            ("/", "filter"),
            ("↑↓", "choose"),
            ("Tab", "source"),
            ("Esc", "back"),
            ("?", "help"),
        ]

    def on_row_picked(self, message: RowPicked) -> None:
        self._picked()

    def on_row_opened(self, message: RowOpened) -> None:
        if (found := self.list.current) is None or self.trainer.read_only:
            return
        if found.problem:
            self.trainer.say(f"{units.plain(found.name)} cannot be used: {units.plain(found.problem)}")
        else:
            self.trainer.fill_form({"preset": found.name})

    def on_filter_changed(self, message: FilterChanged) -> None:
        self._filtered()

    def on_filter_left(self, message: FilterLeft) -> None:
        self.filtering = bool(self.filter.text)
        self.set_focus(self.list)
        self.lay_out()

    def action_filter(self) -> None:
        self.filtering = True
        self.lay_out()  # it must be in sight before it can be typed into
        self.set_focus(self.filter)

    def action_source(self) -> None:
        if (found := self.list.current) is not None:
            self.app.push_screen(SourceScreen(found))

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        elif self.filter.text:
            self.filter.action_clear()
        elif self.focused is not self.list:
            self.set_focus(self.list)
        else:
            self.trainer.action_tab("Lab")
