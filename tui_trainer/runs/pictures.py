"""What a probe saw, beside the log and not in it: pictures would weigh more than all else that a run says.

In the log stands the name of a file in the folder `probes`. The newest few are kept; an older probe is skipped by readers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tui_trainer.events import Probed

SMALL = 64
"""Characters up to which the data stays in its line."""
KEPT = 3
"""More than one, for readers that are behind."""
_NAME = re.compile(r"@(\w[\w-]*\.b64)")


class Pictures:
    """The files of one log."""

    def __init__(self, log: Path) -> None:
        self._folder = log.parent / "probes"
        self._kept: list[Path] = []

    def put(self, event: Probed) -> Probed:
        """The event as it is to be written, with its data in a file of its own."""
        if len(event.data) <= SMALL:
            return event
        name = f"{re.sub(r'[^0-9A-Za-z]+', '_', event.probe) or 'probe'}-{event.step}.b64"
        path = self._folder / name
        self._folder.mkdir(exist_ok=True)
        path.write_text(event.data, encoding="ascii")
        self._kept = [*(one for one in self._kept if one != path), path]
        while len(self._kept) > KEPT:
            self._kept.pop(0).unlink(missing_ok=True)
        return replace(event, data=f"@{name}")

    def get(self, event: Probed) -> Probed | None:
        """The event as it was said; None when its file is gone."""
        if not event.data.startswith("@"):
            return event
        match = _NAME.fullmatch(event.data)
        try:
            return replace(event, data=(self._folder / match[1]).read_text(encoding="ascii")) if match else None
        except (OSError, ValueError):
            return None
