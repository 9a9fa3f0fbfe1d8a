"""What can be opened over the Lab: the other tabs, the help, the samples of a dataset. Each is loaded when it is first wanted."""

from __future__ import annotations

from textual.app import App

from tui_trainer.app.screens.lab import LabScreen
from tui_trainer.app.screens.tab import Tab


class Opening(App[None]):
    """The part of the app that goes from screen to screen."""

    @property
    def lab(self) -> LabScreen:
        """The screen below all others."""
        lowest = self.screen_stack[0]
        assert isinstance(lowest, LabScreen)
        return lowest

    @property
    def tab(self) -> Tab | None:
        """The tab in sight, also under a sheet."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Tab)), None)

    def action_tab(self, name: str) -> None:
        """Go to a tab; the Lab is always below the others."""
        current = self.tab
        if current is None or self.screen is not current:
            return
        while len(self.screen_stack) > 1 and (self.tab is None or self.tab.TAB not in {"Lab", name} or self.tab.OVER):
            self.pop_screen()
        if self.tab is None or name == self.tab.TAB:
            return
        from tui_trainer.app.screens.inspect import InspectScreen  # tabs are loaded when they are opened
        from tui_trainer.app.screens.presets import PresetsScreen
        from tui_trainer.app.screens.runs import RunsScreen

        tabs: dict[str, type[Tab]] = {"Runs": RunsScreen, "Inspect": InspectScreen, "Presets": PresetsScreen}
        self.push_screen(tabs[name]())

    def action_help(self) -> None:
        from tui_trainer.app.screens.help import HelpScreen

        if self.screen is self.tab:
            self.push_screen(HelpScreen())

    def action_export(self) -> None:
        """Runs of this screen, and the screen itself, as files to take away."""
        from tui_trainer.app import picture
        from tui_trainer.app.screens.export_sheet import ExportSheet

        tab = self.tab
        if tab is not None and self.screen is tab:
            self.push_screen(ExportSheet(tab.to_export(), picture.svg(self), table=tab.to_compare()))

    def action_samples(self) -> None:
        """What the dataset in the form looks like."""
        from tui_trainer.app.screens.samples import SamplesScreen

        if (setup := self.lab.form.setup) is None:
            self.lab.form.action_start()  # which says what is wrong
        else:
            self.push_screen(SamplesScreen(setup))
