"""One file from the network, whole or not at all: resumed where it was cut, verified, and only then moved to its place."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import urllib.error
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from tui_trainer.engine import wire
from tui_trainer.engine.part import Part

CHUNK = 1 << 18
"""Bytes received at once, at most."""
TRIES = 3
"""How often in a row a connection may drop with nothing gained before the next address is tried."""
PAUSE = 1.0
"""Seconds before the first new try; twice as long before each further one."""
NOT_NOW = {408, 425, 429, 500, 502, 503, 504}
"""Answers after which it is tried again."""

Tell = Callable[[int, int], None]
"""`tell(done, total)`: bytes of this file that are here, and of the whole, 0 while unknown. Called about twenty times a
second, also while nothing comes; it may raise, to give up."""


class NotFetched(Exception):
    """The file cannot be had; a sentence for each address that was tried."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))


class _Refused(Exception):
    """Nothing to be had at this address, and trying again would not help."""


class _Dropped(Exception):
    """The connection ended too early; the next try goes on from there."""

    def __init__(self, text: str, *, heard: bool = True) -> None:
        super().__init__(text)
        self.heard = heard
        """Whether somebody answered at all."""


def fetch(addresses: Sequence[str], path: Path, md5: str, tell: Tell) -> None:
    """Brings the file with this md5 sum to `path`, from the first address that has it.

    What has come stays beside `path` until it is whole, for the next time. For one process at a time: see `part.turn`.
    Raises NotFetched, TrainingError where the disk does not take it, and what `tell` raises.
    """
    fetching, reasons = _Fetching(path, md5, tell), []
    for address in addresses:
        try:
            return fetching.take_from(address)
        except _Refused as error:
            reasons.append(f"{urlsplit(address).hostname}: {error}")
    raise NotFetched(reasons)


class _Fetching:
    """One file on its way, over all tries and addresses."""

    def __init__(self, path: Path, md5: str, tell: Tell) -> None:
        self._part, self._md5 = Part(path), md5
        self._tell, self._told = tell, float("-inf")
        self._raised: BaseException | None = None
        self._done, self._total = self._part.size, self._part.note[2]

    def take_from(self, address: str) -> None:
        """All of it from this address, over as many connections as it takes. Raises _Refused."""
        resumed = self._part.size > 0
        while True:
            self._receive_all(address)
            if self._part.digest(self._tick) == self._md5:
                return self._part.finish()
            self._part.forget()
            if not resumed:
                raise _Refused("what came is not the file, its checksum is another: damaged on the way, or changed at the source")
            resumed = False  # what lay here before may be to blame: once more, from the start

    def _receive_all(self, address: str) -> None:
        failures, some_came = 0, False
        while True:
            before = self._part.size
            try:
                return self._receive(address)
            except _Dropped as error:
                gained = self._part.size > before
                some_came |= gained
                failures = 1 if gained else failures + 1
                if failures > TRIES or not (some_came or error.heard):
                    raise _Refused(str(error)) from error
            wire.pause(PAUSE * 2 ** (failures - 1), self._tick)

    def _receive(self, address: str) -> None:
        """One connection: from where the part ends to the end of the file. Raises _Dropped or _Refused."""
        kept, (source, validator, size) = self._part.size, self._part.note
        if kept and kept == size:  # all was here when the last process ended
            return
        headers = {"Range": f"bytes={kept}-"} if kept else {}
        if kept and validator and source == address:
            headers["If-Range"] = validator
        self._tick(now=True)
        try:
            with wire.open_(address, headers, self._tick) as answer:
                self._keep(answer, address)
        except (OSError, http.client.HTTPException) as error:
            if self._raised is not None:  # nothing of the network: whoever listens gave up
                raise self._raised from None
            if isinstance(error, urllib.error.HTTPError):
                error.close()
                if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and kept:
                    return  # nothing is missing, or what is here is something else: the checksum tells
                if error.code not in NOT_NOW:
                    raise _Refused(f"it answers {error.code}, {error.reason}") from error
            heard = not isinstance(error, urllib.error.URLError) or isinstance(error, urllib.error.HTTPError)
            raise _Dropped(_reason(error), heard=heard) from error

    def _keep(self, answer: http.client.HTTPResponse, address: str) -> None:
        """Writes what comes: behind what is here, or in its place where the answer is the whole file."""
        kept, size = self._part.size, self._part.note[2]
        start, total = _place(answer)
        chunk = answer.read1(CHUNK)
        if start and (start != kept or (size and total and size != total)):
            self._part.forget()
            raise _Dropped("the file is another one than before")
        if total > start and not chunk:
            raise _Dropped("the connection ended in the middle")
        if not start:
            if chunk.lstrip()[:1] == b"<":
                raise _Refused("a web page came instead of the file, as from a network that wants a login first")
            self._part.begin((address, _validator(answer), total))
        self._part.room(total - start)
        self._done, self._total = start, total
        while chunk:
            chunk = chunk[: total - self._done] if total else chunk
            self._part.append(chunk)
            self._done += len(chunk)
            self._tick()
            chunk = answer.read1(CHUNK) if not total or self._done < total else b""
        if self._done < total:
            raise _Dropped("the connection ended in the middle")

    def _tick(self, *, now: bool = False) -> None:
        """Tells how far it is, not more often than needed; what is raised is remembered."""
        time_now = time.monotonic()
        if not now and time_now - self._told < wire.STEP:
            return
        self._told = time_now
        try:
            self._tell(self._done, self._total)
        except BaseException as error:
            self._raised = error
            raise


def _place(answer: http.client.HTTPResponse) -> tuple[int, int]:
    """Where in the file the answer begins, -1 where that cannot be told, and how long the file is, 0 where that is not said."""
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        kind, _, place = answer.headers.get("Content-Range", "").partition(" ")
        start, total = place.partition("-")[0], place.rpartition("/")[2]
        known = kind == "bytes" and start.isdecimal()
        return (int(start), int(total) if total.isdecimal() else 0) if known else (-1, 0)
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else 0


def _validator(answer: http.client.HTTPResponse) -> str:
    """What names this version of the file, so that the rest is asked of the same one; a weak tag does not."""
    tag = answer.headers.get("ETag") or ""
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified") or ""


def _reason(error: BaseException) -> str:
    """What went wrong on the way, for a person."""
    cause = error.reason if isinstance(error, urllib.error.URLError) and isinstance(error.reason, BaseException) else error
    match cause:
        case urllib.error.HTTPError():
            return f"it answers {cause.code}, {cause.reason}"
        case socket.gaierror():
            return "its name is not found, as without a network"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {cause.verify_message}"
        case ConnectionRefusedError():
            return "nobody answers there"
        case http.client.IncompleteRead() | ConnectionError():
            return "the connection ended in the middle"
        case OSError():
            return str(cause.strerror or cause)
        case _:
            return f"its answer is not understood ({type(cause).__name__})"
