"""A run from outside: check its settings, start it, follow it, ask things of it.

The only part that starts threads, and the only one that imports the engine, late, because torch takes over a second.
"""

from tui_trainer.session.asides import quiet
from tui_trainer.session.gallery import Gallery
from tui_trainer.session.host import Session, end_now, end_process, train
from tui_trainer.session.preflight import Device, Preflight, devices
from tui_trainer.session.setup import Setup, configure
from tui_trainer.session.warmup import Torch, collect_again

__all__ = [
    "Device",
    "Gallery",
    "Preflight",
    "Session",
    "Setup",
    "Torch",
    "collect_again",
    "configure",
    "devices",
    "end_now",
    "end_process",
    "quiet",
    "train",
]
