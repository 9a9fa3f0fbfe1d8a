"""What every test gets: a home of its own, so that no test sees or touches the user's runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that stands for $TUI_TRAINER_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TUI_TRAINER_HOME", str(folder))
    return folder


@pytest.fixture
def run_python() -> Callable[[str], str]:
    """Runs a line in a fresh interpreter and gives what it printed."""

    def run(code: str) -> str:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
