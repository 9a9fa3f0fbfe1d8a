"""What has to change for a run that came to grief to go on: one place, whoever offers it."""

from __future__ import annotations

from tui_trainer.commands import Set, SetLearningRate
from tui_trainer.events import OutOfMemory, RunEnded


def remedy(ended: RunEnded | None, short: OutOfMemory | None) -> SetLearningRate | Set | None:
    """After a divergence the rate that was suggested, after an end for want of memory the batch that fits; None where nothing
    need change. `short` is the newest time that memory was."""
    if ended is None:
        return None
    if ended.suggested_lr is not None:
        return SetLearningRate(ended.suggested_lr)
    if ended.reason == "failed" and short is not None and short.fits and short.step == ended.step:
        return Set("batch_size", short.fits)
    return None
