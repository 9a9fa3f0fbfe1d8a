"""A program in a pseudo-terminal of its own: keys in, what stands on the screen out, and how the terminal was left.

The screen is modelled only as far as Textual draws: cells are placed by cursor addresses, colours are dropped.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a thing that was waited for will not come any more."""
PROGRAM = (sys.executable, "-m", "tui_trainer")

CONTROL = re.compile(
    r"\x1b\[(?P<args>[0-9;?<=>$ ]*)(?P<final>[@-~])|\x1b[PX^_\]].*?(?:\x1b\\|\x07)|\x1b[()].|\x1b[78=>c]|[\r\n\b\x07]", re.DOTALL
)
UNFINISHED = re.compile(r"\x1b(?:\[[^@-~]*|[PX^_\]][^\x07\x1b]*)?$")
COLOUR = re.compile(r"[34]8;2;(\d+);(\d+);(\d+)")
SWITCHES = {
    1049: "alternate screen",
    1000: "mouse",
    1003: "all mouse",
    1006: "mouse cells",
    1004: "focus",
    2004: "paste",
    25: "cursor",
}


class Screen:
    """What stands where, which switches are on, and what was printed outside the alternate screen."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: dict[tuple[int, int], str] = {}
        self.on: set[str] = {"cursor"}
        self.width, self.height = width, height
        self.scrollback = ""
        self.overflow = 0
        """Letters that were written past the right edge."""
        self.colours: set[tuple[int, int, int]] = set()
        self._row = self._column = 0
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        torn = UNFINISHED.search(text)
        self._rest = torn.group() if torn else ""
        text = text[: len(text) - len(self._rest)]
        at = 0
        for found in CONTROL.finditer(text):
            self._write(text[at : found.start()])
            self._obey(found)
            at = found.end()
        self._write(text[at:])

    def _write(self, text: str) -> None:
        if "alternate screen" not in self.on:
            self.scrollback += text
        self.overflow += max(self._column + len(text) - max(self.width, self._column), 0)
        for letter in text:
            self.cells[self._row, self._column] = letter
            self._column += 1

    def _obey(self, found: re.Match[str]) -> None:
        args, final = found["args"], found["final"]
        if final is None:
            if found.group() == "\r":
                self._column = 0
            elif found.group() == "\n":
                self._row += 1
                self.scrollback += "" if "alternate screen" in self.on else "\n"
        elif final == "H":
            row, _, column = args.partition(";")
            self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
        elif final == "m":
            self.colours |= {(int(r), int(g), int(b)) for r, g, b in COLOUR.findall(args)}
        elif final == "J" and args == "2":
            self.cells.clear()
        elif final in "hl" and args.startswith("?"):
            for number in args[1:].split(";"):
                self._switch(int(number), final == "h")

    def _switch(self, number: int, on: bool) -> None:
        if (name := SWITCHES.get(number)) is None:
            return
        if name == "alternate screen":
            self.cells.clear()
        (self.on.add if on else self.on.discard)(name)

    def rows(self) -> list[str]:
        return ["".join(self.cells.get((row, column), " ") for column in range(self.width)).rstrip() for row in range(self.height)]

    def text(self) -> str:
        return "\n".join(self.rows())


class Terminal:
    """A program with a terminal; use it as a context manager, so that nothing is left running."""

    def __init__(
        self,
        *words: str,
        command: Sequence[str] = PROGRAM,
        size: tuple[int, int] = (100, 30),
        env: Mapping[str, str | None] | None = None,
        ignore: Sequence[int] = (),
    ) -> None:
        self.screen = Screen(*size)
        self.bytes = 0
        self.code: int | None = None
        self.master, slave = os.openpty()
        self.resize(*size, tell=False)
        self.before = termios.tcgetattr(slave)
        words = (*command, *words)
        environment = _environment(env or {})
        self.pid = os.fork()
        if not self.pid:
            _become(words, environment, slave, self.master, ignore)
        self.home = Path(environment.get("TUI_TRAINER_HOME", ""))
        self.slave: int = slave  # held open, so that its attributes can still be asked when the program is gone
        os.set_blocking(self.master, False)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)

    # ---- what a person does --------------------------------------------------------------------------------

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, width: int, height: int, tell: bool = True) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.width, self.screen.height = width, height
        if tell:
            os.kill(self.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """The line drops: nobody holds the other end of the terminal any more."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    # ---- what a person sees --------------------------------------------------------------------------------

    def drain(self, seconds: float = 0.02) -> bytes:
        """What came within so many seconds, not shown on the screen: where only bytes and times count."""
        if self.master < 0:
            time.sleep(seconds)
            return b""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return b""
        self.bytes += len(data)
        return data

    def read(self, seconds: float = 0.02) -> bytes:
        """What came within so many seconds, shown on the screen."""
        data = self.drain(seconds)
        self.screen.feed(data)
        return data

    def until(self, true: Callable[[], object], what: str = "it") -> None:
        """Read until something is so; in vain where the program ends before."""
        end = time.monotonic() + PATIENCE
        while not true():
            over = self._over()
            while self.read(0 if over else 0.02) and over:
                pass
            if over and not true():
                raise AssertionError(f"{what} never came to be so, it ended with {self.code}:\n{self.screen.scrollback}")
            assert time.monotonic() < end, f"{what} never came to be so, on the screen:\n{self.screen.text()}"

    def _over(self) -> bool:
        """Whether the program has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def sees(self, *texts: str) -> None:
        """Wait until all of these stand on the screen together."""
        self.until(lambda: all(text in self.screen.text() for text in texts), f"{texts!r}")

    def misses(self, text: str) -> None:
        """Wait until this stands nowhere any more."""
        self.until(lambda: text not in self.screen.text(), f"absence of {text!r}")

    # ---- how it ended --------------------------------------------------------------------------------------

    def exits(self) -> int:
        """Wait for the end of the program; its exit code, negative for the signal that killed it."""

        self.until(self._over, "the end of the program")
        while self.read(0):
            pass
        assert self.code is not None
        return self.code

    @property
    def restored(self) -> bool:
        """Whether the terminal was left as it was found: its attributes, the ordinary screen, no mouse, a cursor."""
        return termios.tcgetattr(self.slave) == self.before and self.screen.on == {"cursor"}

    def maps(self, text: str) -> bool:
        """Whether the program has a file of this name in its memory."""
        return text in Path(f"/proc/{self.pid}/maps").read_text(errors="replace")

    def cpu(self) -> float:
        """Seconds of processor time the program has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_share(self, seconds: float) -> float:
        """Part of one core the program uses, over so many seconds."""
        began, before = time.monotonic(), self.cpu()
        while time.monotonic() < began + seconds:
            self.read()
        return (self.cpu() - before) / (time.monotonic() - began)


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Ours, as on a common terminal, with these changes; None takes one out."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NO_COLOR", "COLORFGBG", "EDITOR", "VISUAL", "PYTHONDONTWRITEBYTECODE"}
    }
    plain |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def _become(words: Sequence[str], environment: Mapping[str, str], slave: int, master: int, ignore: Sequence[int]) -> None:
    """In the child: take the terminal and become the program. Never returns."""
    try:
        os.close(master)
        os.login_tty(slave)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):  # ours may be ignored: nohup, or a script's background
            signal.signal(number, signal.SIG_IGN if number in ignore else signal.SIG_DFL)
        os.execve(words[0], list(words), dict(environment))
    finally:
        os._exit(127)
