"""A preset's source over the screen it was called from: to read here, to change in the user's own editor."""

from __future__ import annotations

import re

from textual.binding import Binding

from tui_trainer import paths, preset
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.tab import Keys
from tui_trainer.app.widgets.source_text import SourceText
from tui_trainer.preset import Preset, PresetError


class SourceScreen(Layer[None]):
    """Read only; `e` opens the editor on the user's file, which is a copy where the preset is a built-in one."""

    BINDINGS = [
        Binding("e", "edit", "edit", tooltip="Open it in your editor; a built-in preset is copied to your folder first", id="edit"),
        Binding("g", "edge(False)", "top", tooltip="To the first line", id="top"),
        Binding("G", "edge(True)", "end", tooltip="To the last line", id="end"),
        Binding("escape,q", "back", "back", key_display="Esc", tooltip="To the screen below", id="back"),
    ]

    def __init__(self, preset_shown: Preset) -> None:
        self.text = SourceText(id="source")
        super().__init__(self.text)
        self.preset = preset_shown

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """The file as it is on disk now."""
        found = self.preset
        try:
            source, problem = preset.source(found), found.problem
        except PresetError as error:
            source, problem = "", str(error)
        self.text.show(paths.short(found.path), source, problem=problem, marked=line_of(problem))

    def keys(self) -> Keys:
        edit = [("e", "edit" if self.preset.yours else "edit a copy")] if not self.trainer.read_only else []
        return [*edit, ("↑↓", "scroll"), ("g", "top"), ("G", "end"), ("Esc", "back")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "edit" and self.trainer.read_only)

    def action_edge(self, last: bool) -> None:
        self.text.action_move(1_000_000 if last else -1_000_000)

    def action_back(self) -> None:
        self.dismiss(None)

    def action_edit(self) -> None:
        try:
            path = self.preset.path if self.preset.yours else preset.copy_to_yours(self.preset)
        except PresetError as error:
            self.trainer.say(str(error))
            return
        if problem := self.trainer.edit(path):
            self.trainer.say(problem)
        self.preset = preset.read(path)
        self.show()
        self.lay_out()


def line_of(problem: str) -> int:
    """The line that a sentence about a file names; 0 where it names none."""
    match = re.search(r"\bline (\d+)", problem)
    return int(match[1]) if match else 0
