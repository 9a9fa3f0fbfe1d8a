"""HTTP that never waits for long without saying so: a way to open an address that calls back while the other side is silent.

urllib does the work: redirects, proxies, certificates. Only where it would block in the system, connecting and receiving, it
is made to wait in short steps. Looking up a name and shaking hands for TLS are single calls of the system and stay whole.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import selectors
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from tui_trainer import __version__

STEP = 0.05
"""Seconds between two calls while nothing comes."""
PATIENCE = 20.0
"""Seconds of silence after which the other side counts as gone."""

Wait = Callable[[], None]
"""Called about twenty times a second while waiting; it may raise, to give up."""


def open_(address: str, headers: Mapping[str, str], wait: Wait) -> http.client.HTTPResponse:
    """The answer to a request for this address, redirects followed; its body is read with `read1`.

    Raises urllib.error.HTTPError for an answer that is a refusal, URLError where nobody answers, and what `wait` raises.
    """
    opener = urllib.request.build_opener(_Http(wait), _Https(wait))
    request = urllib.request.Request(address, headers={"User-Agent": f"tui-trainer/{__version__}", **headers})
    answer: http.client.HTTPResponse = opener.open(request, timeout=PATIENCE)
    return answer


def pause(seconds: float, wait: Wait) -> None:
    """Sleep, but call back meanwhile."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        wait()
        time.sleep(min(left, STEP))


def _ready(what: Any, event: int, wait: Wait, patience: float) -> None:
    """Returns when the socket can be read or written without blocking. Raises TimeoutError."""
    end = time.monotonic() + patience
    with selectors.DefaultSelector() as selector:
        selector.register(what, event)
        while not selector.select(STEP):
            wait()
            if time.monotonic() > end:
                raise TimeoutError(f"no answer for {patience:.0f} seconds")


def _connected(host: str, port: int, wait: Wait, patience: float) -> socket.socket:
    """A connection to the first of the host's addresses that takes one."""
    problem = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.connect(address)
            _ready(connection, selectors.EVENT_WRITE, wait, patience)
            if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(error, os.strerror(error))
        except OSError as error:
            connection.close()
            problem = error
        except BaseException:
            connection.close()
            raise
        else:
            connection.settimeout(patience)
            return connection
    raise problem


class _Stream(io.RawIOBase):
    """The receiving side of a connection; silence is waited out in short steps."""

    def __init__(self, connection: socket.socket, wait: Wait) -> None:
        self._connection, self._wait = connection, wait
        self._raw = connection.makefile("rb", buffering=0)  # keeps the connection open, though http.client closes its own end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        decrypted = self._connection.pending() if isinstance(self._connection, ssl.SSLSocket) else 0
        if not decrypted:
            _ready(self._raw, selectors.EVENT_READ, self._wait, PATIENCE)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _patient(kind: Callable[..., http.client.HTTPConnection], wait: Wait) -> Callable[..., http.client.HTTPConnection]:
    """The same kind of connection, made to wait in steps: when it connects, and in what it reads answers from."""

    def connect(address: tuple[str, int], timeout: float, source: object = None) -> socket.socket:
        return _connected(*address, wait, timeout)

    def answer(connection: socket.socket, *given: Any, **named: Any) -> http.client.HTTPResponse:
        made = http.client.HTTPResponse(connection, *given, **named)
        made.fp.close()
        made.fp = io.BufferedReader(_Stream(connection, wait))
        return made

    def make(*given: Any, **named: Any) -> http.client.HTTPConnection:
        connection = kind(*given, **named)
        vars(connection).update(_create_connection=connect, response_class=answer)  # what http.client itself asks, proxies too
        return connection

    return make


class _Http(urllib.request.HTTPHandler):
    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self._made = _patient(http.client.HTTPConnection, wait)

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self._made = _patient(http.client.HTTPSConnection, wait)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, request)
