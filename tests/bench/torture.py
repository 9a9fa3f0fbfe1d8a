"""Hundreds of kills at random moments, and what they cost. By hand: `python tests/bench/torture.py --kills 200`.

Takes the options and settings of `tests/torture.py`; without settings several kinds of run share the kills.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

TORTURE = Path(__file__).parents[1] / "torture.py"
KINDS = (
    ["preset=mlp", "epochs=400"],
    ["preset=cnn", "epochs=120", "flip=yes", "shift=yes", "schedule=cosine"],
    ["preset=cnn", "epochs=120", "optimizer=adamw", "mixup=yes", "jitter=yes", "batch_size=50", "schedule=one-cycle"],
    ["preset=linear", "optimizer=sgd", "momentum=0.9", "nesterov=yes", "epochs=1500"],
)


def main() -> None:
    words = sys.argv[1:]
    kinds = [[]] if any("=" in word for word in words) else KINDS
    for seed, kind in enumerate(kinds):
        with tempfile.TemporaryDirectory() as home:
            command = [sys.executable, str(TORTURE), "--seed", str(seed), "--longest", "1.2", *words, *kind]
            done = subprocess.run(
                command, capture_output=True, text=True, env={**os.environ, "TUI_TRAINER_HOME": home}, check=False
            )
        if not done.stdout:
            sys.exit(done.stderr)
        told = json.loads(done.stdout)
        print(" ".join(kind) or " ".join(words))
        print(*lines(told), sep="\n")


def lines(told: dict[str, Any]) -> list[str]:
    """What came of it, in words."""
    lost, seconds = told["lost"] or [0], told["lost_seconds"] or [0]
    where = f"{told['torn']} in the middle of a line, {told['early']} before the first step of their round"
    steps = f"median {median(lost):.0f} steps ({median(seconds):.2f} s), most {max(lost)} ({max(seconds):.2f} s)"
    return [
        f"  {told['kills']} kills in {told['seconds']:.0f} s, {told['steps']} steps; {where}",
        f"  done again for each: {steps}",
        f"  {'; '.join(told['problems']) or 'nothing missing, nothing counted twice, weights equal to the bit'}",
    ]


if __name__ == "__main__":
    main()
