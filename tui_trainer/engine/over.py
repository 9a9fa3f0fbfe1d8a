"""Why a run ends before its budget."""

from __future__ import annotations

HANDED_OVER = "handed over"
"""The reason of a run that is left without an end, for another process."""


class Over(Exception):
    """The run ends here, before its budget."""

    def __init__(self, reason: str, error: str = "", *, layer: str = "", suggested_lr: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.error, self.layer, self.suggested_lr = reason, error, layer, suggested_lr
