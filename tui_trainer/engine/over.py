"""Why a run ends before its budget, and what is said of one that diverged."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.config import Config

HANDED_OVER = "handed over"
"""The reason of a run that is left without an end, for another process."""


class Over(Exception):
    """The run ends here, before its budget."""

    def __init__(self, reason: str, error: str = "", *, layer: str = "", suggested_lr: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.error, self.layer, self.suggested_lr = reason, error, layer, suggested_lr


def diverged(config: Config, loss: float, step: int, epoch: int, base_rate: float, layer: str) -> Over:
    """The end of a run whose loss is not finite: the step, the layer where it can be told, and a rate to try."""
    where = f", from {layer} on" if layer else ""
    lower = min(config.lr, float(f"{base_rate / (3 if epoch > 1 else 10):.0e}"))
    error = f"the loss became {loss} at step {units.count(step)}{where}; try a rate of {units.lr(lower)}"
    return Over("diverged", error, layer=layer, suggested_lr=lower)
