"""The keys of Compare, and the words at its edges. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from tui_trainer import units
from tui_trainer.app.keys import named

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys
    from tui_trainer.app.widgets.header import Spans
    from tui_trainer.runs.compare import Comparison
    from tui_trainer.runs.standings import Standing
    from tui_trainer.runs.store import Run

MOST = 8

BINDINGS: list[BindingType] = [
    Binding("x", "axis", "x axis", tooltip="Over seconds, epochs, steps or samples", id="compare-axis"),
    Binding("y", "curve", "curve", tooltip="Validation accuracy, validation loss or training loss", id="compare-curve"),
    Binding("L", "log", "log scale", tooltip="Losses on a logarithmic scale, and back", id="compare-log"),
    Binding("plus,equals_sign", "smooth(1)", "smoother", key_display="+", tooltip="Smooth the curves more", id="compare-smoother"),
    Binding("minus", "smooth(-1)", "rougher", key_display="-", tooltip="Smooth the curves less", id="compare-rougher"),
    Binding(
        "t", "cut", "equal budgets", tooltip="As if all had ended where the shortest did on this axis; and back", id="compare-cut"
    ),
    Binding("v", "face", "view", tooltip="Curves, classes, accuracy against its cost; on small screens the words too", id="face"),
    Binding("space", "mark", "colour", tooltip="Give the setting under the cursor a colour, or take it away", id="compare-mark"),
    Binding("s", "sort", "sort", tooltip="Sort by the next column", id="sort"),
    Binding("S", "turn", "turn round", tooltip="Turn the order round", id="turn"),
    Binding("f", "diffs", "preset files", tooltip="How the preset files differ, in full", id="compare-diffs"),
    *(
        Binding(
            str(n),
            f"jump_to_one({n})",
            "show one",
            key_display=f"1-{MOST}",
            tooltip="Show one setting alone; again: all",
            show=n == 1,
        )
        for n in range(1, MOST + 1)
    ),
]

NEED_RUNS = frozenset({"axis", "curve", "log", "smooth", "cut", "face", "mark", "sort", "turn", "diffs", "jump_to_one"})
"""Actions that mean nothing before the records were read."""
FACES = {"curves": "curves", "classes": "classes", "costs": "costs", "words": "verdict"}


def footer(own: Keys, letters: int, face: str) -> Keys:
    """Five to seven keys; those of the field come first."""
    shown = [("x", "axis"), ("y", "curve")]
    shown += [("v", FACES[face])] if face else [("t", "equal budgets")]
    shown += [(f"1-{min(letters, MOST)}", "show one")] if letters > 1 else []
    shown.append(("E", "export"))
    return [*own, *shown[: max(5 - len(own), 2)], ("Esc", "back"), ("?", "help")]


def of_field(key: str, word: str) -> Binding:
    """A binding for a key of the field, in front of what the panels do with it."""
    return Binding(named(key) or key, f"field('{key}')", word, key_display=key, priority=True, tooltip=word.capitalize())


def corner(found: Comparison | None, title: str) -> list[Spans]:
    """`compare 4 settings on cifar10 · 3 seeds each`, and shorter."""
    head = [("compare", "bright")]
    if found is None:
        return [head]
    runs, letters = len(found.sides), len(found.letters)
    what = f" {units.count(letters)} {'runs' if runs == letters else 'settings'}"
    datasets = {side.config.dataset for side in found.sides}
    on = [(" on ", "dim"), (units.plain(next(iter(datasets))) if len(datasets) == 1 else f"{len(datasets)} datasets", "bright")]
    return [[*head, (what, "dim"), *on, *_seeds(found)], [*head, (what, "dim"), *on], [*head, (what, "dim")]]


def _seeds(found: Comparison) -> list[tuple[str, str]]:
    counts = {len({side.config.seed for side in one.sides}) for one in found.standings}
    if counts == {1}:
        return []
    words = f"{counts.pop()} seeds each" if len(counts) == 1 else f"{min(counts)} to {max(counts)} seeds each"
    return [(" · ", "faint"), (words, "text")]


def about(found: Comparison | None, title: str) -> str:
    """`4 settings × 3 seeds, cifar-nets`"""
    words = []
    if found is not None and len(found.sides) > len(found.letters):
        seeds = {len(one.sides) for one in found.standings}
        words.append(
            f"{len(found.letters)} settings × {seeds.pop()} seeds" if len(seeds) == 1 else f"{len(found.letters)} settings"
        )
    if found is not None and found.rest:
        words.append(f"{len(found.rest)} more not drawn")
    return ", ".join([*words, *([units.plain(title)] if title else [])])


def best_run(one: Standing) -> Run:
    """Of a setting with several seeds the run that came furthest."""
    scored = [side for side in one.sides if side.score is not None]
    if not scored:
        return one.runs[0]

    def good(score: float | None, *, less: bool) -> float:
        return 0.0 if score is None else -score if less else score

    return max(scored, key=lambda side: good(side.score, less=side.regression)).run
