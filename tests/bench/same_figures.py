"""Whether a sweep says the same everywhere, and after it was killed: `python tests/bench/same_figures.py [digits | shapes]`.

Three presets, two rates and three seeds are trained in one go, and once more in another home, killed with -9 in the middle of
some runs and gone on with by the same command. Mean, deviation and test of each setting are then looked for in what the sweep
said at its end, in `compare` as text, CSV, JSON and Markdown, and on the screen at two sizes; each run is compared with its
twin to the last digit.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tui_trainer.app.app import TrainerApp
from tui_trainer.app.field import Marked
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.runs import store

KILLED_IN = (3, 1, 2)
"""Runs that each process names before it is killed, a moment after the last of these began."""
SETTINGS = {"digits": ["--epochs", "3"], "shapes": ["--epochs", "2"]}
TWINS = ("best_accuracy", "best_loss", "last_loss", "test_accuracy", "test_loss", "epochs", "steps", "samples", "status")
PROGRAM = [sys.executable, "-m", "tui_trainer"]


def asked(words: list[str], home: Path) -> str:
    environment = os.environ | {"TUI_TRAINER_HOME": str(home), "COLUMNS": "160"}
    return subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, text=True, check=True).stdout


def killed(words: list[str], home: Path, runs: int) -> None:
    """Begin it, and kill it in the middle of this many runs later."""
    said = home / "said.txt"
    home.mkdir(exist_ok=True)
    with said.open("w") as out:
        process = subprocess.Popen([*PROGRAM, *words], env=os.environ | {"TUI_TRAINER_HOME": str(home)}, stdout=out)
    while len(re.findall(r"\brun [0-9a-f]{4}\b", said.read_text())) < runs and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.1)
    process.kill()
    process.wait()


async def on_screen(home: Path, size: tuple[int, int]) -> str:
    """The rows of the screen that compares all runs there are."""
    os.environ["TUI_TRAINER_HOME"] = str(home)
    app = TrainerApp()
    async with app.run_test(size=size) as pilot:
        screen = CompareScreen(Marked(store.everything()))
        await app.push_screen(screen)
        while screen.found is None or screen.comparing.busy:
            await pilot.pause(0.05)
        await pilot.pause(0.2)
        return "\n".join(strip.text for strip in screen._compositor.render_strips())


def looked_at(home: Path, end: str, sweep: str) -> bool:
    """Whether all places say the same of each setting."""
    compare = ["compare", "--sweep", sweep]
    settings = json.loads(asked([*compare, "--json"], home))["settings"]
    rows = {row["letter"]: row for row in csv.DictReader(io.StringIO(asked([*compare, "--csv"], home)))}
    places = {"the end of train": end, "compare": asked(compare, home), "Markdown": asked([*compare, "--markdown"], home)}
    places |= {f"the screen at {w}x{h}": asyncio.run(on_screen(home, (w, h))) for w, h in ((120, 36), (80, 24))}
    good = True
    for one in settings:
        figures = [f"{100 * one[name]:.1f}" for name in ("best", "deviation", "test")]
        in_csv = [f"{100 * float(rows[one['letter']][f'mean_{name}']):.1f}" for name in ("best", "deviation", "test")]
        row = re.compile(r"\b{}\b[^0-9\n].*\b{}\b.*\b{}\b.*\b{}\b".format(r"[A-H]", *map(re.escape, figures)))
        missing = [name for name, text in places.items() if not row.search(text)] + ["CSV"] * (in_csv != figures)
        print(f"  {one['letter']}  {one['label']:<18}", *figures, f"  not in {', '.join(missing)}" if missing else "  everywhere")
        good = good and not missing
    return good


def main() -> int:
    good = True
    for dataset in sys.argv[1:] or list(SETTINGS):
        words = ["train", "linear,mlp,cnn", "--dataset", dataset, "--lr", "1e-3,1e-2", "--seeds", "3", "--threads", "1"]
        words += [*SETTINGS[dataset], "--name", "proof"]
        tables = []
        with tempfile.TemporaryDirectory() as folder:
            for name, cuts in (("in one go", ()), ("killed", KILLED_IN)):
                home = Path(folder) / name.replace(" ", "-")
                for runs in cuts:
                    killed(words, home, runs)
                end = asked(words, home)
                print(f"{dataset}, {name}" + (f" {len(cuts)} times" if cuts else ""))
                good = looked_at(home, end, "proof") and good
                rows = csv.DictReader(io.StringIO(asked(["compare", "--sweep", "proof", "--csv"], home)))
                tables.append({(row["setting"], row["seed"]): [row[column] for column in TWINS] for row in rows})
        apart = [key for key in tables[0] if tables[0][key] != tables[1].get(key)]
        print(f"{dataset}: {len(tables[0])} runs, {len(apart)} of them differ from their twin", *apart)
        good = good and not apart
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
