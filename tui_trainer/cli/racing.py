"""`race`: what may be said of it, and what it does."""

from __future__ import annotations

import argparse
import gc
from typing import TYPE_CHECKING, NoReturn

from tui_trainer import config
from tui_trainer.cli.actions import can_draw, last_words, refuse
from tui_trainer.cli.options import PROGRAM, Misuse, Parser, add_looks, add_settings, settings_of

if TYPE_CHECKING:
    from tui_trainer.session.race import Race

SECONDS = 20.0
ENDS = """\
any setting may be a list, as in --lr 0.1,0.01: two to four settings race in all. They take turns on one device, from the same
seed over the same batches, each alone with it while it has its turn; its seconds stand while others have theirs.
Ctrl+C stops all and keeps them, as does a terminal that goes away; again leaves at once.
exit codes: 0 all came to the end, or the screen was left with a key; 1 one failed or diverged, 2 wrong usage,
130 interrupted (Ctrl+C) after a clean stop, 143 and 129 the same after SIGTERM and SIGHUP, 141 when whoever read the output
went away"""


def race_options(parser: Parser) -> None:
    parser.add_argument("preset", metavar="PRESET,PRESET", nargs="?", help=f"{config.BY_NAME['preset'].help}; several, with commas")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--seconds", metavar="X", type=_seconds, help=f"of the whole race, shared out equally (default: {SECONDS:g})"
    )
    budget.add_argument("--samples", metavar="N", type=_whole, help="that each learns from")
    budget.add_argument("--steps", metavar="N", type=_whole, help="that each makes, however large its batches are")
    parser.add_argument("--plain", action="store_true", help="say it line by line, as without a terminal, in place of the screen")
    parser.add_argument("--json", action="store_true", help="say what came of it as JSON; how it goes is said on standard error")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but what came of it")
    add_looks(parser)
    add_settings(parser, without=config.BUDGETS)


def _seconds(text: str) -> float:
    return _number(config.Setting("seconds", "seconds", float, "", low=0, high=86_400, above_low=True), text)


def _whole(text: str) -> float:
    return _number(config.Setting("samples", "samples", int, "", low=1, high=10**12), text)


def _number(setting: config.Setting, text: str) -> float:
    try:
        return float(setting.parse(text))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def race(given: argparse.Namespace) -> int:
    from tui_trainer.runs.store import StoreError
    from tui_trainer.session.race import Budget, Race, RaceError, entrants

    if given.preset is None:
        raise Misuse(f"which presets? for example {PROGRAM} race linear,mlp,cnn --dataset shapes")
    settings = {name: value for name, value in settings_of(given).items() if name not in config.BUDGETS}
    unit, amount = next(
        ((unit, value) for unit in ("seconds", "samples", "steps") if (value := getattr(given, unit)) is not None),
        ("seconds", SECONDS),
    )
    try:
        here = Race(entrants(settings, given.presets), Budget(unit, amount), given=settings)
    except RaceError as wrong:
        raise Misuse(str(wrong)) from wrong
    except StoreError as error:  # as where one run cannot be made
        refuse(str(error))
        return 1
    if given.plain or given.json or given.quiet or not can_draw():
        return _in_lines(here, given)
    return _on_screen(here, given)


def _in_lines(here: Race, given: argparse.Namespace) -> int:
    from tui_trainer.console import race as said

    return said.race(here, said.Manner(given.presets, given.json, given.quiet))


def _on_screen(here: Race, given: argparse.Namespace) -> NoReturn:
    gc.disable()  # a tenth of the time to the first frame; on again as soon as torch is there
    from tui_trainer.app import app  # textual: paid only by whoever opens it

    last_words(app.run({}, race=here, preset_folders=given.presets, theme=given.theme, ascii_only=given.ascii), given.presets)
