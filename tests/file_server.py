"""A server of files on this machine that can be told to misbehave: cut, refuse, forget ranges, hang, ask for a login."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"\n <!DOCTYPE html><html><body>Please sign in to the guest network</body></html>"


@dataclass
class Server:
    """Its files by path, how it behaves, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    """Answers of the next requests, before it serves."""
    cuts: list[int] = field(default_factory=list)
    """After so many bytes the next connections end."""
    ranges: bool = True
    tags: bool = True
    lengths: bool = True
    page: bool = False
    moved_to: str = ""
    between: Callable[[int], None] = lambda sent: None
    """Called after each piece that was sent."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and range of each request."""
    sent: int = 0
    """Bytes of bodies."""

    def of(self, path: str) -> str:
        return f"{self.address}/{path}"


class _Handler(BaseHTTPRequestHandler):
    state: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        state, wanted = self.state, self.headers.get("Range", "")
        state.asked.append((self.path, wanted))
        self.close_connection = True
        if state.statuses:
            return self.send_error(state.statuses.pop(0))
        if state.moved_to:
            target, state.moved_to = state.moved_to, ""
            self.send_response(302)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        content = PAGE if state.page else state.files.get(self.path.lstrip("/"))
        if content is None:
            return self.send_error(404)
        return self._send(content, wanted)

    def _send(self, content: bytes, wanted: str) -> None:
        state, start = self.state, 0
        tag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        same = self.headers.get("If-Range", tag) == tag
        if wanted and state.ranges and same and not state.page:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if state.tags:
            self.send_header("ETag", tag)
        if state.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        stop = start + state.cuts.pop(0) if state.cuts else len(content)
        body = content[start:stop]
        for place in range(0, len(body), 10_000):
            piece = body[place : place + 10_000]
            self.wfile.write(piece if state.lengths else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            state.sent += len(piece)
            state.between(state.sent)
        if not state.lengths and stop >= len(content):
            self.wfile.write(b"0\r\n\r\n")
        return None


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away in the middle is what is tested."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port, until left."""
    state = Server()
    server = _Quiet(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
