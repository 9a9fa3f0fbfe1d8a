"""A mistake of ours: the full text goes to a file, a person gets one sentence, the terminal is restored."""

from __future__ import annotations

import traceback

from rich.text import Text
from textual.app import App

from tui_trainer import paths, units


class Crashing(App[None]):
    """The part of the app that fails."""

    crash = ""
    """Where the full text of a failure of the app itself lies, as a sentence; empty while all is well."""

    def _handle_exception(self, error: Exception) -> None:
        where = paths.crash_log()
        text = "".join(traceback.format_exception(error))
        failed = f"tui-trainer failed: {units.plain(str(error) or type(error).__name__)}"
        try:
            where.parent.mkdir(parents=True, exist_ok=True)
            with where.open("a", encoding="utf-8") as file:
                file.write(text + "\n")
            self.crash = f"{failed}; the full text is in {paths.short(where)}"
        except OSError:
            self.crash = f"{failed}\n{text}"
        error.__rich__ = lambda: Text(self.crash)  # type: ignore[attr-defined]  # Textual prints this instead of a traceback
        super()._handle_exception(error)
