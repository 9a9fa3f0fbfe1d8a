"""`sweep`, and `train` with lists of settings: what may be said, and what it does."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui_trainer.cli.actions import unless_broken
from tui_trainer.cli.options import PROGRAM, Misuse, Parser, add_settings, settings_of
from tui_trainer.cli.options import train_options as one_run
from tui_trainer.console.output import Output

if TYPE_CHECKING:
    from tui_trainer.console.sweep import Asked
    from tui_trainer.sweeps import Sweep

MOST_SEEDS, MOST_PARALLEL = 100, 256

LISTS = """\
lists: a setting with commas makes a sweep of every combination, as in
  tui-trainer train mlp,cnn --lr 1e-3,1e-2 --seeds 3
and so do --seeds and --name alone. Interrupted at any point, the same command goes on where it was."""


def train_options(parser: Parser) -> None:
    one_run(parser)
    group = parser.add_argument_group("sweeps", "With settings that are lists.")
    _manner(group)
    group.add_argument("--name", metavar="NAME", help="keep the lists as a sweep of that name, for tui-trainer sweep NAME")
    _forms(group)


def sweep_options(parser: Parser) -> None:
    where = "the sweep: a file in presets/sweeps, or one that was begun from lists; without it they are listed"
    parser.add_argument("sweep", metavar="NAME", nargs="?", help=where)
    parser.add_argument(
        "--only", metavar="LABEL", action="append", default=[], help="run only the entry of this label; may be given several times"
    )
    parser.add_argument(
        "--skip", metavar="LABEL", action="append", default=[], help="leave this entry out from now on; may be given several times"
    )
    _manner(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="say what came of it as JSON; how it goes is said on standard error")
    _forms(form)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but what came of it")
    parser.set_defaults(preset=None)  # each entry has its own
    add_settings(parser)


def _manner(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--seeds", metavar="N", help="runs of each setting, each with the next seed (default: 1, or as it was begun)"
    )
    parser.add_argument("--parallel", metavar="N", help="so many runs at once, in processes of their own (default: 1)")
    parser.add_argument(
        "--halving",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="stop the worse half of the settings after a part of the budget, and again (default: no, or as it was begun)",
    )
    parser.add_argument("--again", action="store_true", help="start over, instead of going on where the last one was")


def _forms(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--csv", action="store_true", help="what came of a sweep as CSV, a row a run; how it goes is said on standard error"
    )
    parser.add_argument("--markdown", action="store_true", help="what came of a sweep as tables in Markdown, likewise")


def of_train(given: argparse.Namespace) -> Sweep | None:
    """The sweep that words of `train` make; None where they are of one run. Raises Misuse, SweepError."""
    from tui_trainer import sweeps

    wanted = {"--seeds": given.seeds, "--name": given.name, "--parallel": given.parallel, "--halving": given.halving}
    wanted |= {"--again": given.again, "--csv": given.csv, "--markdown": given.markdown}
    found = sweeps.of_lists(settings_of(given), given.name or "", always=given.seeds is not None or given.name is not None)
    if found is None:
        if lost := next((option for option, value in wanted.items() if value), ""):
            raise Misuse(f"{lost} is of sweeps: give a setting as a list, as in --lr 1e-3,1e-2, or several --seeds")
        return None
    if given.detach:
        raise Misuse(
            f"--detach is of one run; to leave a sweep alone: nohup {PROGRAM} train … &, or close the terminal and go on later"
        )
    return found


def run(found: Sweep, given: argparse.Namespace) -> int:
    """Run the sweep that `train` made."""
    from tui_trainer import sweeps
    from tui_trainer.console import sweep as here

    asked = _asked(given, {})
    if given.name:
        here.check(found, asked)
        sweeps.keep(found, given.name)
    return unless_broken(lambda: here.run(found, asked))


def sweep(given: argparse.Namespace) -> int:
    from tui_trainer.console import sweep as here
    from tui_trainer.console import sweeps as lists

    if given.sweep is None:
        out = Output()
        out.lines(lists.listed(given.presets, out.width()))
        return 0
    return here.sweep(given.sweep, _asked(given, settings_of(given)))


def _asked(given: argparse.Namespace, settings: dict[str, object]) -> Asked:
    from tui_trainer.console import sweep as here

    forms = [form for form in ("json", "csv", "markdown") if getattr(given, form)]
    if len(forms) > 1:
        raise Misuse(f"--{forms[0]} or --{forms[1]}, one of them")
    return here.Asked(
        settings,
        given.presets,
        getattr(given, "only", ()),
        getattr(given, "skip", ()),
        seeds=None if given.seeds is None else _number("--seeds", given.seeds, MOST_SEEDS),
        halving=given.halving,
        parallel=1 if given.parallel is None else _number("--parallel", given.parallel, MOST_PARALLEL),
        again=given.again,
        form=forms[0] if forms else "",
        quiet=given.quiet,
    )


def _number(option: str, text: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Misuse(f"{option} {text}: a whole number, 1 to {most}")
    return int(text)
