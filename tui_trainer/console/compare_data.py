"""Runs side by side for programs and pages: one JSON object, a CSV table with a row a run, or Markdown."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict

from tui_trainer import units
from tui_trainer.console.compare import Part, classes, differing, runs, title
from tui_trainer.events import Evaluated
from tui_trainer.runs.board import columns
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.differing import Several, flat
from tui_trainer.runs.noise import Tested
from tui_trainer.runs.seeds import Group, Judged
from tui_trainer.runs.side import Side
from tui_trainer.runs.standings import Standing

Json = dict[str, object]


def as_json(found: Comparison) -> Json:
    """Everything: strict JSON, shares from 0 to 1, what is not known or not finite null."""
    return {
        "task": found.task,
        "letters": list(found.letters),
        "leaderboard": [one.letter for one in found.standings],
        "settings": [_setting(one) for one in (*found.standings, *found.rest)],
        "runs": [_side(found, side) for side in found.sides],
        "cut": {"axis": found.cut_at[0], "at": found.cut_at[1]} if found.cut_at else None,
        "level": found.level,
        "differing": [{"setting": one.name, "values": list(map(_plain, one.values))} for one in found.differing],
        "same": found.same,
        "preset_diffs": [{"from": one.before, "to": list(one.after), "diff": list(one.lines)} for one in found.diffs],
        "groups": [_group(one) for one in found.groups],
        "fairness": [one._asdict() for one in found.remarks],
        "tests": [_judged(one) for one in found.judged],
        "verdicts": list(found.verdicts),
        "classes": [{"class": row.name, "found": list(row.shares), "apart": row.spread} for row in found.classes],
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Several) else value


def _setting(one: Standing) -> Json:
    return {"letter": one.letter or None, "label": one.label, "runs": [run.id for run in one.runs], **setting_figures(one)}


def setting_figures(one: Standing) -> Json:
    """The plain figures of a setting, by name: means over its seeds."""
    return {
        "status": one.status,
        "seeds": one.seeds,
        "best": one.best,
        "deviation": one.deviation,
        "best_epoch": one.best_epoch,
        "last": _finite(one.last),
        "test": one.test,
        "mae": one.mae,
        "test_mae": one.test_mae,
        "parameters": one.parameters,
        "epochs": one.epochs,
        "steps": one.steps,
        "samples": one.samples,
        "epoch_seconds": one.epoch_seconds,
        "seconds": one.seconds,
        "samples_per_second": one.speed,
        "seconds_to_level": one.reached,
        "gap": one.gap,
        "worst_class": one.worst[0] if one.worst else None,
        "worst_found": one.worst[1] if one.worst else None,
    }


def _side(found: Comparison, side: Side) -> Json:
    return {
        "letter": side.letter,
        "folder": str(side.run.folder),
        **figures(side),
        "config": asdict(side.config),
        "machine": asdict(side.machine),
        "seconds_to": {f"{level} %": seconds for level, seconds in side.reached.items()},
        "classes": dict(side.found),
        "changes": [asdict(change) for change in side.changes],
        "resumed": side.resumed,
        "curves": {name: [spot._asdict() for spot in curve] for name, curve in side.curves.items()},
        "group": list(found.group_of(side).letters),
    }


def figures(side: Side) -> Json:
    """The plain figures of a run, by name."""
    return {
        "run": side.run.id,
        "status": side.status,
        "preset": side.config.preset,
        "dataset": side.config.dataset,
        "seed": side.config.seed,
        "task": side.task,
        **_evaluated("best", side.best),
        "best_epoch": side.best.epoch if side.best else None,
        **_evaluated("last", side.last),
        **_evaluated("test", side.test),
        "validation_samples": side.tried,
        "gap": side.gap,
        "parameters": side.parameters,
        "epochs": side.epochs,
        "steps": side.steps,
        "samples": side.samples,
        "seconds": side.seconds,
        "samples_per_second": side.speed,
    }


def _evaluated(name: str, seen: Evaluated | None) -> Json:
    values = (seen.accuracy, seen.loss, seen.mae, seen.r2) if seen else (None,) * 4
    return {f"{name}_{what}": _finite(value) for what, value in zip(("accuracy", "loss", "mae", "r2"), values, strict=True)}


def _finite(value: float | None) -> float | None:
    """JSON has no nan: what is none is null."""
    return value if value is not None and math.isfinite(value) else None


def _group(group: Group) -> Json:
    return {
        "runs": list(group.letters),
        "seeds": len(group.values),
        "values": list(group.values),
        "mean": group.mean,
        "deviation": group.deviation,
    }


def _judged(one: Judged) -> Json:
    return {"ahead": list(one.ahead.letters), "behind": list(one.behind.letters), "test": _tested(one.tested), "text": one.text}


def _tested(tested: Tested | None) -> Json | None:
    return None if tested is None else tested._asdict() | {"sizes": list(tested.sizes), "significant": tested.significant}


def as_csv(found: Comparison) -> list[str]:
    """A row a run, best first: its figures, every setting that differs, and the share found of every class. Settings that were
    too many to be read come last, a row each with its means alone."""
    out = io.StringIO()
    rows = [_row(found, side) for side in found.leaderboard]
    rows += [{"letter": "", "setting": one.label, **_means(one)} for one in found.rest]
    write = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    write.writeheader()
    write.writerows(rows)
    return out.getvalue().splitlines()


def _row(found: Comparison, side: Side) -> Json:
    setting = found.standing_of(side.letter)
    row = {"letter": side.letter, "setting": setting.label, **figures(side)}
    own = flat(side.config)
    row |= {f"setting {one.name}": own.get(one.name) for one in found.differing if one.name not in row}
    row |= _means(setting)
    if found.level is not None:
        row[f"seconds to {found.level} %"] = side.reached.get(found.level)
    return row | {f"class {one.name}": side.found.get(one.name) for one in found.classes}


def _means(one: Standing) -> Json:
    return {f"mean_{name}": value for name, value in setting_figures(one).items()}


def markdown(found: Comparison) -> list[str]:
    """The same as on a terminal, without the chart, for a page of documentation."""
    kept = columns(found)
    rows = [tuple(column.text(one) for column in kept) for one in (*found.standings, *found.rest)]
    figures_of = tuple(one.heading for one in kept if one.figure)
    board = Part("leaderboard", tuple(one.heading for one in kept), figures_of, rows)
    parts = [board, runs(found), differing(found), classes(found)]
    said = [f"**{_cell(title(found))}**", ""]
    for part in parts:
        said += [*_table(part), ""] if part.rows else []
    for diff in (one for one in found.diffs if one.edited):
        said += ["```diff", *(units.plain(line) for line in diff.lines), "```", ""]
    said += [f"- ! {_cell(remark.text)}" for remark in found.remarks]
    return [*said, *(f"- {_cell(text)}" for text in found.verdicts)]


def _table(part: Part) -> list[str]:
    head = [_cell(part.title), "", "| " + " | ".join(map(_cell, part.headings)) + " |"]
    head.append("|" + "|".join("---:" if one in part.right else "---" for one in part.headings) + "|")
    return [*head, *(_line(row) for row in part.rows)]


def _line(row: Sequence[str]) -> str:
    return "| " + " | ".join(map(_cell, row)) + " |"


def _cell(text: str) -> str:
    return units.plain(text).replace("|", "\\|")
