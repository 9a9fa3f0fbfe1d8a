"""Preset files, found and read from their syntax trees: nothing in them is executed here, so torch is not needed."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from tui_trainer import config, paths
from tui_trainer.settings import BY_NAME, Knob, Value

SHAPE_OF_BUILD = "build(input_shape, num_classes, *, knob=default)"


class PresetError(ValueError):
    """A preset that is not there, or cannot be read: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset file as lists and forms show it."""

    name: str
    path: Path
    about: str = ""
    """The first line of its docstring."""
    text: str = ""
    """The rest of it, Markdown."""
    defaults: dict[str, object] = field(default_factory=dict)
    knobs: tuple[Knob, ...] = ()
    problem: str = ""
    """What is wrong with the file and where; empty when it can be used."""
    yours: bool = False
    """Whether it is the user's own, and not shipped."""


class _Wrong(Exception):
    """Something in a preset that cannot be used, and its line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Where presets are looked for; what lies in a later folder wins."""
    return [paths.shipped_presets(), paths.your_presets(), *map(Path, extra)]


def everything(extra: Iterable[Path] = ()) -> list[Preset]:
    """All presets by name, also those that cannot be used."""
    found = {path.stem: path for folder in folders(extra) for path in _files(folder)}
    return [read(found[name]) for name in sorted(found)]


def find(name: str, extra: Iterable[Path] = ()) -> Preset:
    """The preset of that name, which may have a problem. Raises PresetError with the nearest name where there is none."""
    places = folders(extra)
    names = {path.stem: path for folder in places for path in _files(folder)}
    if name in names:
        return read(names[name])
    there = ", ".join(sorted(names)) or f"none in {paths.short(places[0])}"
    raise PresetError(f"there is no preset {name!r}; {config.nearest(name, names)}there are {there}")


def source(preset: Preset) -> str:
    """The text of its file. Raises PresetError where it is gone."""
    try:
        return preset.path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PresetError(f"{paths.short(preset.path)} cannot be read: {error.strerror or error}") from error


def copy_to_yours(preset: Preset) -> Path:
    """Copy a shipped preset into the user's folder, where it wins; one that is there already is kept. Raises PresetError."""
    target = paths.your_presets() / preset.path.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as copy:
            copy.write(preset.path.read_bytes())
    except FileExistsError:
        pass
    except OSError as error:
        raise PresetError(f"{paths.short(target)} cannot be written: {(error.strerror or str(error)).lower()}") from error
    return target


def read(path: Path) -> Preset:
    """The preset in this file. What is wrong in it becomes its `problem`."""
    preset = Preset(path.stem, path, yours=path.parent != paths.shipped_presets())
    try:
        text = path.read_bytes()
    except OSError as error:
        return replace(preset, problem=f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}")
    return replace(_told(path, text), yours=preset.yours)


@lru_cache(maxsize=256)  # every screen lists all of them, and few are edited in between
def _told(path: Path, content: bytes) -> Preset:
    """What the syntax tree of a preset says."""
    preset = Preset(path.stem, path)
    try:
        tree = ast.parse(content, str(path))
    except SyntaxError as error:
        return replace(preset, problem=_problem(path, error.lineno or 1, error.msg))
    except (ValueError, RecursionError, MemoryError) as error:
        return replace(preset, problem=f"{path.name} is not Python: {str(error) or 'it is nested too deeply'}")
    about, _, text = (ast.get_docstring(tree) or "").partition("\n")
    preset = replace(preset, about=about.strip(), text=text.strip())
    try:
        return replace(preset, knobs=tuple(_knobs(_build(tree))), defaults=_defaults(tree))
    except _Wrong as wrong:
        return replace(preset, problem=_problem(path, wrong.line, wrong.text))


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.glob("*.py") if not path.name.startswith(("_", ".")) and path.is_file()]
    except OSError:
        return []


def _problem(path: Path, line: int, text: str) -> str:
    return f"{path.name} line {line}: {text}"


def _defaults(tree: ast.Module) -> dict[str, object]:
    """The literal dict `DEFAULTS`, checked as settings are."""
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value and "DEFAULTS" in map(ast.unparse, targets):
            return _checked(node.value)
    return {}


def _checked(node: ast.expr) -> dict[str, object]:
    if not isinstance(node, ast.Dict):
        raise _Wrong(node.lineno, "DEFAULTS must be a dict of settings, such as {'lr': 1e-3}")
    lines: dict[str, int] = {}
    values: dict[str, object] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        if not isinstance(name, str):
            raise _Wrong(value.lineno, "the keys of DEFAULTS must be names of settings, such as 'lr'")
        if name not in BY_NAME or name == "preset":
            known = [one for one in BY_NAME if one != "preset"]
            raise _Wrong(value.lineno, f"DEFAULTS has no setting {name!r}; {config.nearest(name, known)}".rstrip("; "))
        lines[name], values[name] = value.lineno, _literal(value, f"DEFAULTS {name!r}")
    try:
        config.read({"preset": "_", "dataset": "_"} | values)
    except config.ConfigError as error:
        name, text = next(iter(error.problems.items()))
        raise _Wrong(lines.get(name, node.lineno), f"DEFAULTS {name!r}: {text}") from error
    return values


def _build(tree: ast.Module) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "build":
            if len(node.args.posonlyargs + node.args.args) - len(node.args.defaults) != 2 and not node.args.vararg:
                raise _Wrong(node.lineno, f"build must take two arguments and its knobs: {SHAPE_OF_BUILD}")
            if node.args.defaults:
                raise _Wrong(node.lineno, f"the knobs of build stand after a star: {SHAPE_OF_BUILD}")
            return node
    raise _Wrong(1, f"there is no function {SHAPE_OF_BUILD}")


def _knobs(build: ast.FunctionDef) -> Iterator[Knob]:
    helps = _helps(ast.get_docstring(build) or "")
    for argument, default in zip(build.args.kwonlyargs, build.args.kw_defaults, strict=True):
        name = argument.arg
        if default is None:
            raise _Wrong(argument.lineno, f"knob {name!r} has no default, such as {name}=16")
        value = _literal(default, f"knob {name!r}")
        if not isinstance(value, (int, float, str)) or (isinstance(value, float) and not math.isfinite(value)):
            raise _Wrong(default.lineno, f"knob {name!r} must be a number, text, True or False, not {ast.unparse(default)}")
        choices = _choices(argument.annotation)
        if choices and value not in choices:
            raise _Wrong(default.lineno, f"knob {name!r} is {value!r} by default, which is none of its choices")
        yield Knob(name, value, helps.get(name, ""), choices)


def _choices(annotation: ast.expr | None) -> tuple[Value, ...]:
    """The values of a `Literal[...]` annotation."""
    if not isinstance(annotation, ast.Subscript) or ast.unparse(annotation.value) not in {"Literal", "typing.Literal"}:
        return ()
    inside = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    values = [_literal(one, "a choice") for one in inside]
    return tuple(value for value in values if isinstance(value, (int, float, str)))


def _literal(node: ast.expr, what: str) -> object:
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise _Wrong(
            node.lineno, f"{what} must be written out, it is read without running the file: {ast.unparse(node)}"
        ) from error
    return value


def _helps(docstring: str) -> dict[str, str]:
    """The lines `width: channels of the first layer`; a line set in further goes on with the one before."""
    found: dict[str, str] = {}
    name, depth = "", 0
    for line in inspect.cleandoc(docstring).splitlines():
        indent = len(line) - len(line.lstrip())
        if match := re.fullmatch(r"\s*(\w+):\s+(\S.*)", line):
            name, depth = match[1], indent
            found[name] = match[2].strip()
        elif name and line.strip() and indent > depth:
            found[name] += " " + line.strip()
        else:
            name = ""
    return found
