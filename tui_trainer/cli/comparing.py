"""`compare`: what may be said of it, and what it does."""

from __future__ import annotations

import argparse
import gc

from tui_trainer import paths
from tui_trainer.cli.options import Misuse, Parser
from tui_trainer.cli.run_options import RUN
from tui_trainer.console.output import Output

AXES = ("step", "epoch", "seconds", "samples")


def compare_options(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help=f"two to eight: {RUN}")
    parser.add_argument("--by", choices=AXES, default="epoch", help="what the curves are drawn over (default: epoch)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the same as JSON, with the curves")
    form.add_argument("--csv", action="store_true", help="a row a run: its figures, settings that differ, classes")
    form.add_argument("--markdown", action="store_true", help="the tables and sentences in Markdown")


def compare(given: argparse.Namespace) -> int:
    import json

    from tui_trainer.console import compare as said
    from tui_trainer.console import compare_data as data
    from tui_trainer.runs import compare, store

    gc.disable()  # a fifth of the time: a long record is a million little objects, and none of them a circle
    try:
        found = compare.read([store.find(word) for word in given.runs])
    except compare.CompareError as wrong:
        raise Misuse(str(wrong)) from wrong
    finally:
        gc.enable()
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
    return 0
