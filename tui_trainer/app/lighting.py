"""The colours in force, and the change from dark to light and back."""

from __future__ import annotations

from textual.app import App
from textual.reactive import var

from tui_trainer.app import palette as palettes
from tui_trainer.app import themes
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.rows import Rows


class Lighting(App[None]):
    """The part of the app that has a palette."""

    palette: var[Palette] = var(palettes.choose(), init=False)

    def take_palette(self, palette: Palette) -> None:
        """Begin with these colours: nothing is drawn yet."""
        self.set_reactive(Lighting.palette, palette)
        self.register_theme(themes.theme(palette))
        self.theme = themes.name_of(palette)

    def action_light(self) -> None:
        """Swap dark and light."""
        self.palette = palettes.choose(light=self.palette.name == "dark", depth=self.palette.depth)

    def watch_palette(self, palette: Palette) -> None:
        if themes.name_of(palette) not in self.available_themes:
            self.register_theme(themes.theme(palette))
        self.theme = themes.name_of(palette)
        for screen in self.screen_stack:
            for widget in screen.query(Rows):
                widget.redraw()
