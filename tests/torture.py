"""Kills a run at random moments, with signal 9, and resumes it, until it has ended; then looks whether anything was lost.

A process of its own: torch is loaded once, and each round is a fork that trains until it is killed. Run by `test_torture`
for a few rounds and by `bench/torture.py` for hundreds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from tui_trainer import session
from tui_trainer.engine import checkpoint
from tui_trainer.events import Evaluated, Event, Hosted, RunEnded, RunResumed, RunStarted, Stepped
from tui_trainer.runs import log
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run


@dataclass
class Told:
    """What came of it."""

    kills: int = 0
    seconds: float = 0.0
    steps: int = 0
    lost: list[int] = field(default_factory=list)
    """Steps on record that had to be done again, each time the run went on."""
    lost_seconds: list[float] = field(default_factory=list)
    """The same in seconds of training."""
    torn: int = 0
    """Kills in the middle of a line of the record."""
    early: int = 0
    """Kills before the first step of the round."""
    problems: list[str] = field(default_factory=list)


def train(run: Run) -> None:
    """The run to its end, here; it goes on where it was, and one that was killed after its last word has nothing left to do."""
    if not run.events.exists():
        session.train(run)
    elif not any(isinstance(event, RunEnded) for event in read(run)[-1:]):
        session.train(run, resume=session.Resume())


def round_of(run: Run, wait: float) -> bool:
    """One process that trains the run, killed after so long. Whether it had ended by itself before."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            train(run)
        finally:
            os._exit(0)
    until = time.monotonic() + wait
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG)[0]:
            return True
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def losses_of(events: list[Event]) -> dict[int, float]:
    """The loss of every step that counts. Raises ValueError where one is missing or told twice."""
    found: dict[int, float] = {}
    for event in events:
        if isinstance(event, RunStarted):
            found = {}
        elif isinstance(event, RunResumed):
            if event.step and max(found, default=0) < event.step:
                raise ValueError(f"resumed at step {event.step}, and the record ends at {max(found, default=0)}")
            found = {step: loss for step, loss in found.items() if step <= event.step}
        elif isinstance(event, Stepped):
            first = event.step - len(event.losses) + 1
            if first != max(found, default=0) + 1:
                raise ValueError(f"step {first} follows upon {max(found, default=0)}")
            found |= dict(enumerate(event.losses, first))
    return found


def lost_of(events: list[Event]) -> list[tuple[int, float]]:
    """Steps, and seconds of training, that were on record and that did not count any more when the run went on."""
    lost, step, seconds = [], 0, 0.0
    for event in events:
        if isinstance(event, RunResumed):
            lost.append((step - event.step, round(seconds - event.seconds, 3)))
        elif isinstance(event, RunStarted):
            lost += [(step, round(seconds, 3))] if step else []
        if isinstance(event, RunResumed | Stepped):
            step, seconds = event.step, event.seconds
        elif isinstance(event, RunStarted):
            step, seconds = 0, 0.0
    return lost


def read(run: Run) -> list[Event]:
    tail, events = log.Tail(run.events), []
    while new := tail():
        events += new
    return events


def torture(given: dict[str, Any], kills: int, seed: int, shortest: float, longest: float) -> Told:
    """`kills` rounds of a run with these settings, then one to its end, against one that nobody disturbed."""
    draw, told = random.Random(seed), Told()
    setup = session.configure(given)
    quiet, run = (session.create(setup) for _ in range(2))
    began = time.monotonic()
    train(quiet)
    while told.kills < kills:
        if round_of(run, draw.uniform(shortest, longest)):
            break
        told.kills += 1
        events = read(run) if run.events.exists() else []
        told.torn += bool(events) and not run.events.read_bytes().endswith(b"\n")
        since = [index for index, event in enumerate(events) if isinstance(event, Hosted)]
        told.early += not any(isinstance(event, Stepped) for event in events[since[-1] if since else 0 :])
    train(run)
    told.seconds = time.monotonic() - began
    _judge(run, quiet, told)
    return told


def _judge(run: Run, quiet: Run, told: Told) -> None:
    """Whether the run is as if nothing had happened, and how much of it was done twice."""
    events, undisturbed = read(run), read(quiet)
    lost = lost_of(events)
    told.lost, told.lost_seconds = [steps for steps, _ in lost], [seconds for _, seconds in lost]
    ended = events[-1]
    try:
        ours, theirs = losses_of(events), losses_of(undisturbed)
    except ValueError as error:
        told.problems.append(str(error))
        return
    told.steps = len(ours)
    history = History()
    history.extend(events)
    checks = {
        "the run has not finished": isinstance(ended, RunEnded) and ended.reason == "finished",
        "losses differ": ours == theirs,
        "the history counts other steps": history.loss.count == len(theirs),
        "validations differ": _validations(events) == _validations(undisturbed),
        "the curve of validations differs": [point[:3] for point in history.val_loss] == _points(undisturbed),
        "weights differ": _weights(run, "last.pt") == _weights(quiet, "last.pt"),
    }
    told.problems += [problem for problem, right in checks.items() if not right]


def _validations(events: list[Event]) -> dict[int, tuple[object, ...]]:
    found: dict[int, tuple[object, ...]] = {}
    for event in events:
        if isinstance(event, Evaluated) and event.split == "val":
            found[event.step] = (event.loss, event.accuracy, event.confusion)
    return found


def _points(events: list[Event]) -> list[tuple[object, ...]]:
    history = History()
    history.extend(events)
    return [point[:3] for point in history.val_loss]


def _weights(run: Run, name: str) -> dict[str, list[float]]:
    weights = checkpoint.load(run.checkpoints / name)["weights"]
    return {key: value.flatten().tolist() for key, value in weights.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shortest", type=float, default=0.05)
    parser.add_argument("--longest", type=float, default=1.5)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    given = {"preset": "mlp", "dataset": "digits", "threads": "1", "save_every": 1} | dict(
        pair.split("=", 1) for pair in asked.settings
    )
    told = torture(given, asked.kills, asked.seed, asked.shortest, asked.longest)
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    sys.exit(bool(told.problems))


if __name__ == "__main__":
    main()
