"""A run from outside: check its settings, start it, follow it, ask things of it.

The only part that starts threads, and the only one that imports the engine, late, because torch takes over a second.
"""

from tui_trainer.session.asides import quiet
from tui_trainer.session.ending import end_now, end_process
from tui_trainer.session.exporting import Exporting
from tui_trainer.session.gallery import Gallery
from tui_trainer.session.hangup import hang_up, on_hangup, under_way
from tui_trainer.session.heir import background, wait_for_turn
from tui_trainer.session.host import Session
from tui_trainer.session.making import create
from tui_trainer.session.preflight import Device, Preflight, devices
from tui_trainer.session.resuming import Resume, Resumption, lengthened, lost, resumption
from tui_trainer.session.revival import Revival
from tui_trainer.session.setup import Setup, configure
from tui_trainer.session.training import see_through, train
from tui_trainer.session.warmup import Torch, collect_again

__all__ = [
    "Device",
    "Exporting",
    "Gallery",
    "Preflight",
    "Resume",
    "Resumption",
    "Revival",
    "Session",
    "Setup",
    "Torch",
    "background",
    "collect_again",
    "configure",
    "create",
    "devices",
    "end_now",
    "end_process",
    "hang_up",
    "lengthened",
    "lost",
    "on_hangup",
    "quiet",
    "resumption",
    "see_through",
    "train",
    "under_way",
    "wait_for_turn",
]
