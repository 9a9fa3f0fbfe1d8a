"""A run that is killed at random moments loses nothing: the short form of bench/torture.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TORTURE = Path(__file__).with_name("torture.py")


@pytest.mark.parametrize(
    ("seed", "settings"),
    [
        pytest.param(1, ["preset=mlp", "epochs=25"], marks=pytest.mark.long),
        (2, ["preset=cnn", "epochs=10", "flip=yes", "shift=yes", "schedule=cosine"]),
    ],
)
def test_killed_at_random_moments_it_comes_out_as_if_nothing_had_happened(seed: int, settings: list[str]) -> None:
    words = [sys.executable, str(TORTURE), "--kills", "4", "--shortest", "0.02", "--longest", "0.8", "--seed", str(seed), *settings]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["problems"] == []
    assert told["kills"]
    assert told["steps"] > 0
