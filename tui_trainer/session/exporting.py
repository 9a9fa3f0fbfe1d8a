"""Runs as files to take away, made by a process of its own: the screen goes on, and it is the command line that makes them."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_trainer.runs.store import Run
from tui_trainer.session.program import program

TABLES = {"compare.csv": "--csv", "compare.md": "--markdown"}
"""Files of a comparison, and the option that gives what is in them."""
GRACE = 2.0
"""Seconds in which the process ends that was asked to."""


class Exporting:
    """One export that goes on, or is over."""

    def __init__(self, runs: Sequence[Run], options: Sequence[str], to: Path, *, table: Sequence[str] = ()) -> None:
        """`options` as `export` takes them; `table` as `compare` does, where its tables are wanted too. Begins at once."""
        self.lines: list[str] = []
        """What was said so far."""
        self.code: int | None = None
        """How it ended, 0 where all could be written; None while it goes on."""
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False
        threading.Thread(target=self._work, args=(list(runs), list(options), to, list(table)), name="export", daemon=True).start()

    def cancel(self) -> None:
        """Give it up; what was written stays. Returns once nothing of it runs any more."""
        self._cancelled = True
        process = self._process
        if process is None or self.code is not None:
            return
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _work(self, runs: list[Run], options: list[str], to: Path, table: list[str]) -> None:
        folders = [str(run.folder) for run in runs]
        code = 0
        for name, form in TABLES.items() if table else ():
            code = self._into(["compare", *table, form], to / name) or code
        if options:
            code = self._run(["export", *folders, *options, "--to", str(to)], self.lines.append) or code
        self.code = code

    def _into(self, words: Sequence[str], file: Path) -> int:
        """What a command says, as a file."""
        said: list[str] = []
        if code := self._run(words, said.append):
            self.lines += [f"! no {file.name}: {' · '.join(said)}"]
            return code
        try:
            file.write_text("\n".join(said) + "\n", encoding="utf-8")
        except OSError as error:
            self.lines.append(f"! no {file.name}: {(error.strerror or str(error)).lower()}")
            return 1
        self.lines.append(file.name)
        return 0

    def _run(self, words: Sequence[str], say: Callable[[str], None]) -> int:
        """This command of ours, line by line; its exit code."""
        if self._cancelled:
            return 1
        try:
            process = self._process = subprocess.Popen(
                [*program(), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # a Ctrl+C of the terminal is meant for the screen
            )
        except OSError as error:
            say(f"nothing can be started: {error.strerror or error}")
            return 1
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                say(line.rstrip())
        return process.wait()
