"""A race as JSON: who leads by how much, and every lane with its curve, its run and the command that repeats it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

from tui_trainer.console.resumable import PROGRAM
from tui_trainer.console.summary import repeat
from tui_trainer.session.race import UNITS, Lane, Race


def as_json(race: Race, folders: Sequence[Path] = ()) -> str:
    """What came of it."""
    config, leader = race.setups[0].config, race.leader
    said = {
        "race": race.name,
        "dataset": config.dataset,
        "seed": config.seed,
        "device": config.device,
        "budget": {"unit": race.budget.unit, "amount": race.budget.amount},
        "seconds": round(race.clock, 3),
        "leader": leader.label if leader else None,
        "lanes": [_lane(race, lane, folders) for lane in race.lanes],
        "compare": f"{PROGRAM} compare {' '.join(lane.run.id for lane in race.lanes)}",
    }
    return json.dumps(said, indent=2, allow_nan=False)


def _lane(race: Race, lane: Lane, folders: Sequence[Path]) -> dict[str, object]:
    last, test = lane.history.evaluation, lane.history.test
    return {
        "label": lane.label,
        "run": lane.run.id,
        "folder": str(lane.run.folder),
        "state": lane.state,
        "error": lane.error,
        "accuracy": _finite(last.accuracy) if last else None,
        "loss": _finite(last.loss) if last else None,
        "gap": _finite(race.gap(lane)),
        "test_accuracy": _finite(test.accuracy) if test else None,
        "test_loss": _finite(test.loss) if test else None,
        "share": round(lane.share, 4),
        "seconds": round(lane.seconds, 3),
        "samples": lane.samples,
        "steps": lane.history.step,
        "epoch": lane.epoch,
        "samples_per_second": lane.speed,
        "parameters": lane.parameters,
        "command": repeat(lane.run, folders),
        "curve": _curve(lane),
    }


def _curve(lane: Lane) -> list[dict[str, float | None]]:
    """Its validations; seconds are those of the race where all have the same of these."""
    curves = {unit: lane.curve(unit) for unit in UNITS}
    value = "loss" if lane.regression else "accuracy"
    count = len(curves[UNITS[0]])
    return [{**{unit: curves[unit][at].x for unit in UNITS}, value: _finite(curves[UNITS[0]][at].score)} for at in range(count)]


def _finite(value: float | None) -> float | None:
    """JSON has no nan: what is none is null."""
    return value if value is not None and math.isfinite(value) else None
