"""`compare`: what may be said of it, and what it does."""

from __future__ import annotations

import argparse
import gc
import sys
from typing import TYPE_CHECKING

from tui_trainer import paths
from tui_trainer.cli.options import Misuse, Parser
from tui_trainer.cli.run_options import RUN
from tui_trainer.console.output import Output

if TYPE_CHECKING:
    from tui_trainer.runs.compare import Comparison
    from tui_trainer.runs.swept import Swept

AXES = ("step", "epoch", "seconds", "samples")

LETTERS = """\
Runs that differ in the seed alone are one setting and share a letter; figures are means over its
finished runs, the column of seeds is the standard deviation between them. Where all runs are of one
setting, each has its own letter. Up to eight settings."""


def compare_options(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="*", help=f"two or more: {RUN}")
    parser.add_argument("--sweep", metavar="NAME", help="the runs of a sweep, as it was begun last, in place of RUN")
    parser.add_argument("--by", choices=AXES, default="epoch", help="what the curves are drawn over (default: epoch)")
    cut = parser.add_mutually_exclusive_group()
    cut.add_argument("--cut", action="store_true", help="as if all had ended where the shortest did, by what --by says")
    cut.add_argument("--cut-at", metavar="AMOUNT", type=_amount, help="as if all had ended there: so many of what --by says")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the same as JSON: every setting, every run, the curves")
    form.add_argument("--csv", action="store_true", help="a row a run: its letter and figures, those of its setting as mean_NAME")
    form.add_argument("--markdown", action="store_true", help="the tables and sentences in Markdown")


def _amount(word: str) -> float:
    try:
        amount = float(word)
    except ValueError:
        amount = 0.0
    if not 0 < amount < float("inf"):
        raise argparse.ArgumentTypeError(f"{word!r} is no amount above 0")
    return amount


def compare(given: argparse.Namespace) -> int:
    from tui_trainer.runs import compare, store
    from tui_trainer.runs.stopped import with_states

    if bool(given.runs) == bool(given.sweep):
        raise Misuse("either runs or --sweep NAME can be compared, not both" if given.runs else "RUN or --sweep NAME is needed")
    record = _record(given.sweep) if given.sweep else None
    gc.disable()  # a fifth of the time: a long record is a million little objects, and none of them a circle
    try:
        if record is not None:
            found = compare.of_sweep(compare.entries_of(record))
        else:
            found = compare.read([store.find(word) for word in given.runs])
    except compare.CompareError as wrong:
        raise Misuse(str(wrong)) from wrong
    finally:
        gc.enable()
    found = _cut(found, given)
    _tell(with_states(found, record.told().states) if record is not None else found, given)
    return 0


def _record(name: str) -> Swept:
    from tui_trainer import config
    from tui_trainer.runs import swept

    records = swept.everything()
    record = next((one for one in records if one.name == name), None)
    if record is None:
        there = sorted({one.name for one in records})
        hint = f"{config.nearest(name, there)}there are {', '.join(there)}" if there else "none was begun yet"
        raise Misuse(f"no sweep {name!r} was begun: {hint}")
    return record


def _cut(found: Comparison, given: argparse.Namespace) -> Comparison:
    if given.cut_at is not None:
        return found.cut(given.by, given.cut_at)
    if not given.cut:
        return found
    amount = found.shortest(given.by)
    if amount is None:
        Output(sys.stderr).line(f"nothing is cut: by {given.by} all went as far")
        return found
    return found.cut(given.by, amount)


def _tell(found: Comparison, given: argparse.Namespace) -> None:
    import json

    from tui_trainer.console import compare as said
    from tui_trainer.console import compare_data as data

    out = Output()
    if given.json:
        out.line(json.dumps(data.as_json(found), indent=2, allow_nan=False))
    elif given.csv:
        out.lines(data.as_csv(found))
    elif given.markdown:
        out.lines(data.markdown(found))
    else:
        colours = out.terminal and paths.colours() != "none"
        out.lines(said.lines(found, given.by, out.width(), colours=colours, unicode=out.unicode))
