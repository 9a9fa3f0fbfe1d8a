"""The user's own editor, in the terminal that the app lends it."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from textual.app import App, SuspendNotSupported

from tui_trainer import paths


class Editing(App[None]):
    """The part of the app that hands the terminal to an editor and takes it back."""

    def edit(self, path: Path) -> str:
        """Open `path` in $VISUAL or $EDITOR and come back; gives what went wrong as a sentence, or nothing."""
        command = paths.editor()
        try:
            with self.suspend():
                problem = _call([*shlex.split(command), str(path)])
        except SuspendNotSupported:
            return f"this terminal cannot be lent to an editor; the file is {paths.short(path)}"
        self.refresh(repaint=True, layout=True)
        return problem


def _call(words: list[str]) -> str:
    try:
        code = subprocess.call(words)
    except (OSError, ValueError) as error:
        return f"{words[0]} cannot be started ({getattr(error, 'strerror', None) or error}); set $EDITOR to your editor"
    return f"{words[0]} ended with {code}" if code else ""
