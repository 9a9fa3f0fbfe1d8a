"""What comparing eight runs of 100 000 steps costs, by how many steps a report holds. Run it by hand."""

from __future__ import annotations

import gc
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from record import CONFIG, ENDED, a_million, timed

from tui_trainer.config import read
from tui_trainer.console import compare as said
from tui_trainer.runs import compare, log, store

STEPS = 100_000


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        preset = Path(home, "cnn.py")
        preset.write_text("")
        for each in (300, 30, 10, 1):  # ten reports a second: 3 000, 300, 100 and 10 steps a second
            runs = [store.create(read(CONFIG | {"seed": seed}), preset) for seed in range(8)]
            for run in runs:
                a_million(run.events, each, STEPS)
                with log.Writer(run.events) as write:
                    write(ENDED)
            gc.disable()  # as the command does
            timed(f"eight runs of {STEPS:,} steps, {each} a report", lambda runs=runs: compare.read(runs), repeats=3)
            gc.enable()
        sides = [replace(side, config=side.config.but(lr=10.0**-at)) for at, side in enumerate(compare.read(runs).sides)]
        timed("what is said of them, once they are read", lambda: compare.compared(sides))
        many = [
            replace(side, config=side.config.but(seed=seed), run=store.Run(Path(home, f"{at}-{seed:04x}")))
            for at, side in enumerate(sides)
            for seed in range(8)
        ]
        timed("what is said of eight seeds of each", lambda: compare.compared(many))
        found = compare.compared(many)
        timed("the bands of their losses, 1 024 points each", lambda: found.bands("seconds", "train loss"))
        timed("all of it cut at half the steps", lambda: found.cut("step", STEPS / 2))
        timed("the same in print", lambda: said.lines(found, "seconds", 120, colours=True))


if __name__ == "__main__":
    main()
