"""How this process ends: at once, without unwinding what threads are in the middle of."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

from tui_trainer.session import hangup
from tui_trainer.session.hangup import Trained


def end_now(code: int) -> NoReturn:
    """End this process at once, with this code, after the last words are out.

    Python's own way out takes torch's libraries down while threads may be in the middle of them, an import or a batch: the
    process then aborts. Where none is, it takes over a second. A run that is just being left to another process is waited for.
    """
    hangup.wait_for_end()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # a reader that went away, or no stream at all
            stream.flush()
    os._exit(code)


def end_process(code: int, session: Trained | None, *, within: float, terminal_gone: bool) -> None:
    """See to it that this process ends with this code, whatever its event loop does: after the run has ended, and at most
    `within` seconds from now. Returns at once; who ends in the ordinary way before that is not disturbed."""
    if terminal_gone:
        hangup.let_go_of_terminal()

    def reap() -> None:
        if session:
            session.wait(within)
        time.sleep(1.5)  # what the ordinary way out takes after the run has ended, and plenty of it
        hangup.wait_for_end()
        os._exit(code)

    threading.Thread(target=reap, name="reaper", daemon=True).start()
