"""Samples looked at before a run: a page at a time, read behind the screen; a newer question takes the place of the one before."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_trainer import paths
from tui_trainer.session.words import sentence

if TYPE_CHECKING:
    from tui_trainer.config import Config
    from tui_trainer.engine.gallery import Page as Page  # the screen knows it from here


@dataclass(frozen=True, slots=True)
class Asked:
    """Which samples are wanted."""

    config: Config
    at: int
    count: int
    changed: bool
    """Whether as an epoch of training sees them, instead of as they are."""
    only: int | None = None
    """The class they have to be of."""
    fetch: bool = False
    """Whether a dataset that is not here is fetched for it."""


class Superseded(Exception):
    """Somebody wants something else."""


class Gallery:
    """Reads pages of samples in a thread of its own, one at a time."""

    def __init__(self) -> None:
        self.page: Page | None = None
        self.problem = ""
        """Why there is no page, in a sentence."""
        self.busy = ""
        """What is being done, such as `reading digits`; empty while nothing is."""
        self.done = self.total = 0
        """How far that is; `total` is 0 where nobody knows."""
        self.version = 0
        """Changes with every answer."""
        self._changed = threading.Condition()
        self._asked: Asked | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self, asked: Asked) -> None:
        """Read this page next. Returns at once."""
        with self._changed:
            self._asked, self._closed = asked, False
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="gallery", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more is wanted; what is being read is given up soon."""
        with self._changed:
            self._asked, self._closed = None, True
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked is not None or self._closed)
                if (asked := self._asked) is None:
                    return
                self._asked, self.busy, self.done, self.total = None, "loading torch", 0, 0
            page, problem = self._read(asked)
            with self._changed:
                self.busy = ""
                if self._asked is None and not self._closed:
                    self.page, self.problem = page, problem
                    self.version += 1

    def _say(self, what: str, done: int = 0, total: int = 0) -> None:
        self.busy, self.done, self.total = what, done, total
        if self._asked is not None or self._closed:
            raise Superseded

    def _read(self, asked: Asked) -> tuple[Page | None, str]:
        try:
            from tui_trainer.engine import gallery  # over a second of torch: paid behind the screen

            found = gallery.page(
                asked.config,
                paths.datasets(),
                self._say,
                at=asked.at,
                count=asked.count,
                changed=asked.changed,
                only=asked.only,
                fetch=asked.fetch,
            )
        except Superseded:
            return None, ""
        except Exception as error:  # there is nobody above a thread: the screen says it
            return None, sentence(error)
        return found, ""
