"""What may be said on the command line: a parser of our own manners, and an option for every setting."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from tui_trainer import __version__, config

PROGRAM = "tui-trainer"

USAGE_CODES = """\
exit codes: 0 finished, or left to a process in the background, as when the terminal goes; 1 failed or diverged,
2 wrong usage, 130 interrupted (Ctrl+C) after a clean stop, 143 and 129 the same after SIGTERM and SIGHUP,
141 when whoever read the output went away"""


NEGATIVE = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)
"""A word that is a value, though it begins like an option: it is refused with the bounds of its setting."""

BETTER = {
    "expected one argument": "a value is needed",
    "ignored explicit argument .*": "it takes no value",
    "the following arguments are required: (.*)": r"\1 is needed",
}
"""What argparse says, and what is said instead."""


class Misuse(Exception):
    """Words on the command line that mean nothing; the text says what would be right."""


class Parser(argparse.ArgumentParser):
    """argparse that raises instead of printing a page of usage, and that abbreviates nothing."""

    def __init__(self, command: str, about: str, epilog: str = "", place: str = "") -> None:
        super().__init__(
            f"{PROGRAM} {command.partition(' ')[0]}".rstrip(),
            usage=f"{PROGRAM} {command} {place} [options]".replace("  ", " ").replace("  ", " "),
            description=about,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=30, width=_help_width()),
        )
        self._negative_number_matcher = NEGATIVE
        self.loose = ""
        """The place that takes words such as `-cnn` as well, which look like options."""

    def error(self, message: str) -> NoReturn:
        for said, better in BETTER.items():
            message = re.sub(said, better, message)
        raise Misuse(message.removeprefix("argument "))

    def _listed(self, word: str) -> tuple[str, str] | None:
        """Name and values of a switch that has several, as in `--flip=no,yes`."""
        option, sign, values = word.partition("=")
        action = self._option_string_actions.get(option)
        return (action.dest, values) if sign and "," in values and isinstance(action, argparse.BooleanOptionalAction) else None

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Options and places in any order. Raises Misuse with the nearest right name."""
        loose = [word for word in words if self.loose and word[:1] == "-" and word[1:2] not in {"", "-"} and len(word) > 2]
        switches = {word: found for word in words if (found := self._listed(word)) is not None}
        given, rest = self.parse_known_intermixed_args([word for word in words if word not in loose and word not in switches])
        for name, values in switches.values():
            setattr(given, name, values)
        if loose:
            setattr(given, self.loose, getattr(given, self.loose) + loose)
        if rest:
            wrong = next((word for word in rest if word.startswith("-")), rest[0])
            option = wrong.partition("=")[0]
            if option.startswith("-"):
                known = [name for name in self._option_string_actions if name.startswith("--")]
                raise Misuse(f"there is no option {option}; {config.nearest(option, known)}see {self.prog} --help")
            raise Misuse(f"{wrong!r} is one word too many; see {self.prog} --help")
        return given


def _help_width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 110) - 2


def add_settings(parser: Parser, *, without: Collection[str] = (), again: bool = False) -> None:
    """An option for every setting but the preset and those left out, made from the fields of Config. `again`: of a run that is
    there already, whose settings stand where none are given."""
    rest = "is as in that run" if again else "is what the preset suggests, else the default"
    group = parser.add_argument_group("settings", f"What is not given {rest}.")
    for setting in config.SETTINGS:
        if setting.name == "preset" or setting.name in without:
            continue
        option = config.option_of(setting.name)
        default = config.DEFAULTS.get(setting.name)
        ending = "" if default is None or again else f" (default: {_word(default)})"
        if setting.kind is bool:
            text = f"{setting.help}{ending}"
            group.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=escaped(text))
        else:
            allowed = "" if setting.kind is str and not (setting.choices or setting.right) else f"; {setting.allowed()}"
            metavar = {int: "N", float: "X"}.get(setting.kind, "NAME")
            group.add_argument(option, dest=setting.name, metavar=metavar, help=escaped(f"{setting.help}{allowed}{ending}"))
    group.add_argument(
        "--set", metavar="KNOB=VALUE", action="append", default=[], help="a knob of the preset; may be given several times"
    )
    group.add_argument("--data", metavar="NAME=VALUE", action="append", default=[], help="a setting of the dataset's own; likewise")
    if not again:
        add_folders(parser)


def _word(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)


def escaped(text: str) -> str:
    return text.replace("%", "%%")


def add_folders(parser: Parser) -> None:
    parser.add_argument(
        "--presets", metavar="DIR", type=Path, action="append", default=[], help="look for presets there as well; may be repeated"
    )


def train_options(parser: Parser) -> None:
    parser.add_argument("preset", metavar="PRESET", nargs="?", help=config.BY_NAME["preset"].help)
    parser.add_argument("--detach", action="store_true", help="train in the background, and give the shell back at once")
    parser.add_argument(
        "--json", action="store_true", help="say every event as a line of JSON, as the record keeps it; of a sweep, what came of it"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but the summary at the end")
    add_settings(parser)


def bench_options(parser: Parser) -> None:
    parser.add_argument("preset", metavar="PRESET", nargs="?", help=f"{config.BY_NAME['preset'].help} (default: cnn)")
    parser.add_argument(
        "--seconds",
        dest="within",
        metavar="X",
        type=_seconds,
        default=30.0,
        help="about how long to measure, after the data is read (default: 30)",
    )
    json_option(parser)
    add_settings(parser, without=config.BUDGETS)


def _seconds(text: str) -> float:
    try:
        return float(BENCH_SECONDS.parse(text))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


BENCH_SECONDS = config.Setting("seconds", "seconds", float, "", low=0, high=3600, above_low=True)


def json_option(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def show_options(parser: Parser) -> None:
    parser.add_argument(
        "run",
        metavar="RUN",
        nargs="?",
        default="last",
        help="its id or the start of it, its name, its folder, or last (the default)",
    )
    json_option(parser)
    add_folders(parser)


def presets_options(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="one preset in full: its text, knobs, defaults and file")
    add_folders(parser)


def datasets_options(parser: Parser) -> None:
    parser.add_argument(
        "words",
        metavar="NAME",
        nargs="*",
        help="one dataset in full, folder:PATH as well; or fetch and the names of those to fetch now",
    )
    json_option(parser)


EXAMPLES = {
    "--set": "a knob and its value are needed, as in --set width=64",
    "--data": "a setting of the dataset and its value are needed, as in --data noise=0.2",
}


def own_of(given: argparse.Namespace, option: str) -> dict[str, str]:
    """What was given with `--set` or `--data`, as text by name. Raises Misuse."""
    pairs = [str(word).partition("=") for word in getattr(given, option[2:], [])]
    for name, sign, _ in pairs:
        if not sign or not name:
            raise Misuse(f"{option} {name}: {EXAMPLES[option]}")
    return {name.strip(): value for name, _, value in pairs}


def settings_of(given: argparse.Namespace) -> dict[str, object]:
    """The settings that were given, as text by name, with those that preset and dataset bring."""
    named = {name: value for name in config.BY_NAME if (value := getattr(given, name, None)) is not None}
    own = {group: found for group, option in config.OWN.items() if (found := own_of(given, option))}
    return {**named, **own}


def lab_parser(commands: Mapping[str, str]) -> Parser:
    """The parser of words without a command; `commands` are the others, with what each does."""
    width = max(map(len, commands), default=0)
    listed = "\n".join(f"  {name:<{width}}  {about}" for name, about in commands.items())
    what = "A neural-network lab in a terminal. Without a command it opens the lab; settings given fill its form."
    text = f"{what}\n\ncommands:\n{listed}"
    parser = Parser("", text, f"{PROGRAM} COMMAND --help explains a command.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("--preset", metavar="NAME", help=config.BY_NAME["preset"].help)
    parser.add_argument("--start", action="store_true", help="press Start at once")
    add_looks(parser)
    add_settings(parser)
    return parser


def add_looks(parser: Parser) -> None:
    """How the screen looks."""
    parser.add_argument("--theme", choices=("auto", "dark", "light"), default="auto", help="colours of the screen (default: auto)")
    parser.add_argument(
        "--ascii", action=argparse.BooleanOptionalAction, default=None, help="draw without Unicode (default: ask the locale)"
    )
