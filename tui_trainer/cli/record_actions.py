"""Commands on the list of runs, and their options: list, name and note them, take some away and bring them back."""

from __future__ import annotations

import argparse

from tui_trainer.cli.options import Misuse, Parser, json_option
from tui_trainer.cli.run_options import RUN

FILTERS = """\
A filter is a word that a run has somewhere, or compares a column, a setting or a knob; all must hold:
  cifar10                  in its name, preset, dataset, note, ...
  status:finished          has it in it; = and != are the whole word
  'lr>=1e-3' 'time<2min'   in quotes, or the shell takes > for a file
  'val>90' 'age<2h' 'width>=32' 'params<100k'
  'note:"too slow"'        with blanks
  -cnn  -status:lost       not so"""


def runs_options(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="only the runs that fit; see below")
    parser.loose = "filter"
    parser.add_argument(
        "--sort", metavar="COLUMN", help="sort by this: best, loss, time, speed, parameters, age, ... (default: age)"
    )
    parser.add_argument("--reverse", action="store_true", help="the other way round")
    json_option(parser)


def runs(given: argparse.Namespace) -> int:
    from tui_trainer.console import listing

    try:
        return listing.runs(" ".join(given.filter), given.sort, backwards=given.reverse, as_json=given.json)
    except listing.Unclear as wrong:
        raise Misuse(str(wrong)) from wrong


def delete_options(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help=RUN)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def delete(given: argparse.Namespace) -> int:
    from tui_trainer.console import trash

    return trash.delete(given.runs, sure=given.yes)


def restore_options(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="*", help="its id, its name, or the start of one; without any, what went last")


def restore(given: argparse.Namespace) -> int:
    from tui_trainer.console import trash

    return trash.restore(given.runs)


def trash_options(parser: Parser) -> None:
    parser.add_argument("--empty", action="store_true", help="remove for good what lies there, and free the disk")
    parser.add_argument("--older", metavar="TIME", help="with --empty: only what was deleted longer ago, such as 30d")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    json_option(parser)


def trash(given: argparse.Namespace) -> int:
    from tui_trainer.console import trash as here
    from tui_trainer.runs import quantities

    if not given.empty:
        if given.older or given.yes:
            raise Misuse(f"--{'older' if given.older else 'yes'} goes with --empty")
        return here.listed(as_json=given.json)
    if given.json:
        raise Misuse("--json lists the trash: give it without --empty")
    try:
        older = quantities.read(given.older, "duration") if given.older else 0.0
    except ValueError as wrong:
        raise Misuse(f"--older {given.older}: {quantities.EXAMPLES['duration']}, or 30d") from wrong
    return here.empty(sure=given.yes, older=older)


def rename_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("name", metavar="NAME", nargs="+", help='what to call it; "" takes its name away')


def rename(given: argparse.Namespace) -> int:
    from tui_trainer.console import labels

    return labels.rename(given.run, " ".join(given.name))


def note_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("text", metavar="TEXT", nargs="*", help='what to say of it; "" takes it away; without it, what is said')


def note(given: argparse.Namespace) -> int:
    from tui_trainer.console import labels

    return labels.note(given.run, " ".join(given.text) if given.text else None)
