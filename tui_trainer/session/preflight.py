"""The trial before a run: a few batches behind the form, given up at once when somebody wants something else."""

from __future__ import annotations

import threading
from typing import NamedTuple

from tui_trainer import paths
from tui_trainer.measured import Measured
from tui_trainer.session.setup import Setup
from tui_trainer.session.words import sentence


class Device(NamedTuple):
    """A place to train."""

    name: str
    label: str
    free: int
    """Bytes; 0 where the system does not tell."""
    total: int


def devices() -> list[Device]:
    """The devices of this machine, the one that `auto` takes first. Loads torch."""
    from tui_trainer.engine import devices as places

    return [Device(*place) for place in places.available()]


class Preflight:
    """Measures one setup at a time in a thread of its own; a newer question replaces the one before."""

    def __init__(self) -> None:
        self.result: Measured | None = None
        """Of the last setup that was measured to the end; its `key` is the config."""
        self.busy = ""
        """What is being done: `loading torch`, `reading digits`, `timing 8 batches`; empty while nothing is."""
        self.version = 0
        """Changes with every result."""
        self._changed = threading.Condition()
        self._asked: Setup | None = None
        self._current: Setup | None = None
        self._thread: threading.Thread | None = None

    def ask(self, setup: Setup) -> None:
        """Measure this one, unless it is being measured or was the last. Returns at once."""
        with self._changed:
            if self._asked is not None:
                self._asked = setup
            elif self._current is not None:
                self._asked = setup if self._current.config != setup.config else None
            elif self.result is None or self.result.key != setup.config:
                self._asked = setup
            if self._asked is not None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="preflight", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def forget(self) -> None:
        """The preset's file may have changed: what was measured holds no more."""
        with self._changed:
            self.result, self._current = None, None
            self.version += 1

    def cancel(self, within: float | None = None) -> bool:
        """Give up what is asked, and wait until nothing is being measured; whether that is so.

        A run waits without limit: a trial that went on beside it would draw from the same generator and change its numbers.
        """
        with self._changed:
            self._asked = self._current = None
            return self._changed.wait_for(lambda: not self.busy, within)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked is not None)
                setup, self._asked = self._asked, None
                self._current, self.busy = setup, "loading torch"
            assert setup is not None
            result = self._measure(setup)
            with self._changed:
                if self._current is setup and self._asked is None:
                    self.result, self._current = result, None
                    self.version += 1
                self.busy = ""
                self._changed.notify_all()

    def _measure(self, setup: Setup) -> Measured:
        try:
            from tui_trainer.engine import preflight

            return preflight.measure(
                setup.config,
                preset_file=setup.preset.path,
                datasets_home=paths.datasets(),
                cancelled=lambda: self._current is not setup or self._asked is not None,
                say=self._say,
            )
        except BaseException as error:  # also what a preset's file raises when it is run, SystemExit too
            return Measured(key=setup.config, problem=sentence(error, setup.preset.path))

    def _say(self, what: str, done: int = 0, total: int = 0) -> None:
        self.busy = f"{what} {done / total:.0%}" if total else what
