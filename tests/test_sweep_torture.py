"""A sweep whose process is killed again and again, at any moment: in the end every run is there once, as if it never was."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tui_trainer.console.record import read
from tui_trainer.runs import store, swept

WORDS = ["train", "linear,mlp", "--dataset", "digits", "--lr", "1e-3,1e-2", "--steps", "3000", "--seeds", "2", "--threads", "1"]


def begin(home: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tui_trainer", *WORDS, "--save-every", "1", *more]
    return subprocess.Popen(command, env={**os.environ, "TUI_TRAINER_HOME": str(home)}, stdout=subprocess.DEVNULL)


def losses() -> dict[tuple[str, int], list[float]]:
    """Of the newest steps, by label and seed."""
    (record,) = swept.everything()
    assert len(record.runs()) == len(store.everything()) == 8
    assert {store.summary(run).status for run in record.runs().values()} == {"finished"}
    return {key: list(read(run).loss.recent) for key, run in record.runs().items()}


@pytest.mark.long
def test_killed_at_any_moment_it_comes_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(8)
    assert begin(tmp_path / "whole").wait(300) == 0
    for number in range(40):
        process = begin(tmp_path / "killed")
        try:
            code = process.wait(draw.uniform(0.3, 6.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(60)
        else:
            assert code == 0
            assert number > 0
            break
    else:
        assert begin(tmp_path / "killed").wait(300) == 0
    found = []
    for name in ("whole", "killed"):
        monkeypatch.setenv("TUI_TRAINER_HOME", str(tmp_path / name))
        found.append(losses())
    assert found[0] == found[1]
