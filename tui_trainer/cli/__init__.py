"""The commands of `tui-trainer`: parse, one call each, print. Starting up imports neither torch nor textual."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tui_trainer import config
from tui_trainer.cli import actions, comparing, options, racing, record_actions, run_actions, run_options, sweeping
from tui_trainer.cli.options import PROGRAM, USAGE_CODES, Misuse, Parser
from tui_trainer.config import ConfigError
from tui_trainer.console.output import flush


class Command(NamedTuple):
    about: str
    fill: Callable[[Parser], None]
    act: Callable[[argparse.Namespace], int]
    place: str = ""
    """What stands after the command, as its usage shows it."""
    below: str = ""
    """What its help says at the end."""


def main(argv: Sequence[str] | None = None) -> int:
    """Obey the command line and return the exit code; where it is that of this process, end it at once after torch was loaded."""
    code = _exit_code(list(sys.argv[1:] if argv is None else argv))
    if argv is None and "torch" in sys.modules:
        from tui_trainer import session

        session.end_now(code)
    return code


def _exit_code(words: list[str]) -> int:
    try:
        return _obey(words)
    except Misuse as wrong:
        actions.refuse(str(wrong))
        return 2
    except KeyboardInterrupt:
        return 130
    except SystemExit as done:  # --help and --version
        flush()
        return done.code if isinstance(done.code, int) else 0


def _obey(words: list[str]) -> int:
    if words and not words[0].startswith("-"):
        name = words[0]
        if name not in COMMANDS:
            raise Misuse(_no_command(name))
        command = COMMANDS[name]
        parser, act = Parser(name, command.about, command.below, command.place), command.act
        command.fill(parser)
        given = parser.read(words[1:])
    else:
        parser = options.lab_parser({name: command.about for name, command in COMMANDS.items()})
        act = actions.lab
        given = parser.read(words)
    from tui_trainer.datasets import DatasetError
    from tui_trainer.preset import PresetError
    from tui_trainer.runs.store import StoreError
    from tui_trainer.sweeps import SweepError

    try:
        return act(given)
    except ConfigError as wrong:
        actions.refuse(*(_problem(name, text, given) for name, text in _to_say(wrong.problems).items()))
    except (StoreError, PresetError, SweepError, DatasetError) as wrong:
        actions.refuse(str(wrong))
    return 2


def _no_command(name: str) -> str:
    """What a person may have meant by a word that is no command: a near one, or a preset."""
    from tui_trainer import preset

    if name in {one.name for one in preset.everything(())}:
        return f"there is no command {name!r}, it is a preset: {PROGRAM} train {name}"
    return f"there is no command {name!r}; {config.nearest(name, COMMANDS)}it is one of {', '.join(COMMANDS)}; see {PROGRAM} --help"


def _to_say(problems: Mapping[str, str]) -> Mapping[str, str]:
    """Without what only follows from the rest: a preset that cannot be used suggests no dataset."""
    if "preset" in problems and problems.get("dataset") == config.NOT_GIVEN:
        return {name: text for name, text in problems.items() if name != "dataset"}
    return problems


def _presets(given: argparse.Namespace) -> str:
    from tui_trainer import preset

    return f"there are {', '.join(one.name for one in preset.everything(given.presets))}, as in {PROGRAM} train cnn"


def _problem(name: str, text: str, given: argparse.Namespace) -> str:
    """One thing wrong with the settings, under the name it has on the command line."""
    knobs, data = (options.own_of(given, option) for option in ("--set", "--data"))
    if name in knobs:
        return f"--set {name}={knobs[name]}: {text}"
    if name.startswith("data."):
        setting = name.removeprefix("data.")
        return f"--data {setting}={data.get(setting, '')}: {text}"
    if name == "presets":
        return f"--presets: {text}"
    if name == "preset":
        return text if given.preset else f"which preset? {_presets(given)}"
    option = config.option_of(name)
    value = getattr(given, name, None)
    return f"{option}: {text}" if value is None or isinstance(value, bool) else f"{option} {value}: {text}"


COMMANDS = {
    "train": Command(
        "train a preset here, without the screen; with lists of settings a sweep of all combinations",
        sweeping.train_options,
        actions.train,
        "PRESET",
        f"{sweeping.LISTS}\n\n{USAGE_CODES}",
    ),
    "resume": Command(
        "go on with a run where it was left, or further", run_options.resume_options, run_actions.resume, "RUN", USAGE_CODES
    ),
    "repeat": Command(
        "a new run with the settings of another; --steered changes them again at the same steps",
        run_options.repeat_options,
        run_actions.repeat,
        "RUN",
        USAGE_CODES,
    ),
    "attach": Command("open the screen on a run, wherever it trains", run_options.attach_options, run_actions.attach, "[RUN]"),
    "watch": Command(
        "the screen on a run without a key that could change it", run_options.attach_options, run_actions.watch, "[RUN]"
    ),
    "send": Command(
        "ask something of a run, wherever it trains: pause, set lr 3e-4, stop",
        run_options.send_options,
        run_actions.send,
        "RUN ORDER",
        run_options.SEND_ORDERS,
    ),
    "sweep": Command(
        "run a sweep, or go on with it: leaderboard, verdicts, published beside measured; or list them",
        sweeping.sweep_options,
        sweeping.sweep,
        "[NAME]",
        USAGE_CODES,
    ),
    "race": Command(
        "two to four settings side by side: who is ahead after equal seconds, samples or steps",
        racing.race_options,
        racing.race,
        "PRESET,PRESET[,PRESET]",
        racing.ENDS,
    ),
    "bench": Command(
        "how fast a preset trains here, against the loop of the tutorials", options.bench_options, actions.bench, "[PRESET]"
    ),
    "runs": Command(
        "list the runs there are, newest first, or those that fit",
        record_actions.runs_options,
        record_actions.runs,
        "[FILTER ...]",
        record_actions.FILTERS,
    ),
    "show": Command("one run: result, every class, curves, settings, files", options.show_options, actions.show, "[RUN]"),
    "compare": Command(
        "runs side by side: curves, what differs, what is fair, and whether a lead is noise",
        comparing.compare_options,
        comparing.compare,
        "RUN RUN [RUN ...]",
        comparing.LETTERS,
    ),
    "export": Command(
        "take runs with you: CSV, JSON, weights, a stand-alone PyTorch script",
        run_options.export_options,
        run_actions.export,
        "RUN [RUN ...]",
    ),
    "presets": Command("list the architectures, or explain one", options.presets_options, actions.presets, "[NAME]"),
    "datasets": Command(
        "list what can be learned from, explain one, or fetch some",
        options.datasets_options,
        actions.datasets,
        "[NAME | fetch NAME ...]",
    ),
    "devices": Command("list where it can be trained", lambda parser: None, actions.devices),
    "rename": Command("give a run a name of its own", record_actions.rename_options, record_actions.rename, "RUN NAME"),
    "note": Command("say something of a run, for later", record_actions.note_options, record_actions.note, "RUN [TEXT]"),
    "delete": Command(
        "move runs to the trash, with their weights", record_actions.delete_options, record_actions.delete, "RUN [RUN ...]"
    ),
    "restore": Command("bring runs back from the trash", record_actions.restore_options, record_actions.restore, "[RUN ...]"),
    "trash": Command("list what was deleted, or remove it for good", record_actions.trash_options, record_actions.trash),
}
