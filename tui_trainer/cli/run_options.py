"""What may be said of a run that is there: resume, send, repeat, attach."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tui_trainer import config
from tui_trainer.cli.options import Misuse, Parser, add_folders, add_looks, add_settings, escaped
from tui_trainer.commands import StopAt
from tui_trainer.console import orders
from tui_trainer.runs.kinds import KINDS
from tui_trainer.settings import STEERABLE

RUN = "its id or the start of it, its name, its folder, or last"

SEND_ORDERS = "orders:\n" + "\n".join(f"  {order:<16}{about}" for order, about in orders.ABOUT.items())


def resume_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help=RUN)
    parser.add_argument("--all-lost", action="store_true", help="every run that is lost, each in the background")
    parser.add_argument("--best", action="store_true", help="from best.pt, the best by validation, instead of last.pt")
    for unit in config.BUDGETS:
        about = f"train so many {unit} more, as in +5, or to so many in all; for a run whose budget is in {unit}"
        parser.add_argument(f"--{unit}", metavar="+N|N", help=about)
    group = parser.add_argument_group("changes", "From the first batch on, as if they were made by hand.")
    for name in STEERABLE:
        setting = config.BY_NAME[name]
        metavar = "N" if setting.kind is int else "X"
        about = escaped(f"{setting.help}; {setting.allowed()}")
        group.add_argument(config.option_of(name), dest=name, metavar=metavar, help=about)
    group.add_argument(
        "--fit-batch", action="store_true", help="where memory is short: with the largest batch that fits, without asking"
    )
    _manners(parser)
    for hidden in ("--background", "--unended"):  # how a process in the background is started
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--stop-at", metavar="UNIT=N", type=_stop_at, help=argparse.SUPPRESS)


def _stop_at(text: str) -> StopAt:
    unit, _, amount = text.partition("=")
    try:
        return StopAt(unit, float(amount))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"a unit and how many, as in epochs=2, not {text}") from wrong


def _manners(parser: Parser) -> None:
    parser.add_argument("--detach", action="store_true", help="train in the background, and give the shell back at once")
    parser.add_argument("--json", action="store_true", help="say every event as a line of JSON, as the record keeps it")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but the summary at the end")


def budget_of(given: argparse.Namespace) -> tuple[str, str]:
    """Which budget is made longer, and to what, `+5` or `12`; empty where none is. Raises Misuse."""
    named = {unit: str(getattr(given, unit)).strip() for unit in config.BUDGETS if getattr(given, unit) is not None}
    if len(named) > 1:
        raise Misuse(f"give one budget: {' or '.join(f'--{unit}' for unit in named)}")
    return next(iter(named.items()), ("", ""))


def changes_of(given: argparse.Namespace) -> dict[str, str]:
    """The settings that are changed, as text by name."""
    return {name: value for name in STEERABLE if (value := getattr(given, name)) is not None}


def send_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("order", metavar="ORDER", nargs="+", help="what it is to do, see below")
    parser.add_argument("--scale-rate", action="store_true", help="with fit: make the learning rate smaller in proportion")
    parser.add_argument("--no-wait", action="store_true", help="do not wait, up to five seconds, for what comes of it")


def repeat_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("--steered", action="store_true", help="make the changes again, at their steps, that were made by hand")
    _manners(parser)
    add_settings(parser, again=True)


def attach_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help=f"{RUN} (default: the newest one that is being trained)")
    add_looks(parser)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,3})\s*[x×]\s*(\d{1,3})", text.strip())
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (60 <= width <= 400 and 18 <= height <= 200):
        raise argparse.ArgumentTypeError(f"{text!r} is no size: columns and rows such as 120x36, from 60x18 to 400x200")
    return width, height


def export_options(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help=RUN)
    for kind, about in KINDS.items():
        parser.add_argument(f"--{kind}", dest="kinds", action="append_const", const=kind, help=about)
    parser.add_argument("--to", metavar="DIR", type=Path, help="where the folder of each run is made (default: here)")
    parser.add_argument("--size", metavar="WxH", type=_size, help="columns and rows of a picture (default: 120x36)")
    parser.add_argument("--light", action="store_true", help="pictures in the light look")
    add_folders(parser)
