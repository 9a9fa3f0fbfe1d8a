"""What it costs a run to survive and to obey: a checkpoint a minute, a look for commands ten times a second.

By hand: `python tests/bench/survive.py [PRESET [DATASET]]`; resnet9 on shapes where nothing is given.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tui_trainer import paths, session
from tui_trainer.commands import COMMANDS, Pause
from tui_trainer.engine.loop import REPORT_EVERY, Trainer
from tui_trainer.engine.prepare import prepare
from tui_trainer.engine.saves import LAST_EVERY, Saves
from tui_trainer.events import CheckpointSaved, Event
from tui_trainer.runs import log

TIMES = 15
LOOKS = 2000


def took(act: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    preset, dataset = (sys.argv[1:] + ["resnet9", "shapes"][len(sys.argv) - 1 :])[:2]
    setup = session.configure({"preset": preset, "dataset": dataset, "steps": 3})
    with tempfile.TemporaryDirectory() as folder:
        said: list[Event] = []
        clock = time.perf_counter
        ready = prepare(setup.config, setup.preset.path, paths.datasets(), lambda *_: None)
        run = Trainer(ready, Saves(Path(folder), said.append, clock), said.append, list, clock, time.sleep)
        run.learn()
        saves = took(run.save, TIMES)
        size = next(event.bytes for event in said if isinstance(event, CheckpointSaved))
        print(f"{preset} on {dataset}: {ready.built.parameters} parameters, {size / 1e6:.1f} MB with the optimizer's state")
        one, worst = median(saves), max(saves)
        share = 100 * one / LAST_EVERY
        print(f"a checkpoint: median {1000 * one:.1f} ms, most {1000 * worst:.1f} ms; one a minute is {share:.3f} % of the time")
        path = Path(folder) / "commands.jsonl"
        log.append(path, Pause())
        look = median(took(log.Tail(path, COMMANDS), LOOKS))
        often, share = 1 / REPORT_EVERY, 100 * look / REPORT_EVERY
        print(f"a look for commands: median {1e6 * look:.1f} µs; {often:.0f} a second are {share:.4f} % of the time")


if __name__ == "__main__":
    main()
