"""The keys of the Lab: what each does, and which of them the footer offers when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from tui_trainer import units
from tui_trainer.app.screens.tab import Keys

if TYPE_CHECKING:
    from tui_trainer.runs.history import History

BINDINGS: list[BindingType] = [
    Binding("space", "pause", "pause", tooltip="Hold training after this batch, or go on", id="pause"),
    Binding("full_stop", "one_batch", "one batch", key_display=".", tooltip="Learn from one batch, then hold", id="one-batch"),
    Binding("left_square_bracket", "scale(0.5)", "rate ÷2", key_display="[", tooltip="Half the learning rate", id="rate-down"),
    Binding("right_square_bracket", "scale(2.0)", "rate ×2", key_display="]", tooltip="Twice the learning rate", id="rate-up"),
    Binding("c", "change", "change", tooltip="Change rate, batch and other settings from the next batch on", id="change"),
    Binding("t", "evaluate", "try now", tooltip="Try the validation samples now, then go on", id="evaluate"),
    Binding("w", "save", "write", tooltip="Write a checkpoint now, then go on", id="save"),
    Binding("n", "finish_epoch", "end of epoch", tooltip="Learn to the end of this epoch, then hold", id="finish-epoch"),
    Binding("d", "detach", "detach", tooltip="Leave; the run goes on in the background, attach brings it back", id="detach"),
    Binding("b", "board", "board", tooltip="The runs of the sweep side by side, while it goes on and after it", id="board"),
    Binding("k", "skip", "skip", tooltip="Be done with this run of the sweep, and go on with the next", id="skip"),
    Binding("X", "stop", "stop", tooltip="Finish the batch, evaluate, save, end", id="stop"),
    Binding("A", "abandon", "abandon", tooltip="End now; the last checkpoint stays", id="abandon"),
    Binding("r", "again", "again", tooltip="Start again with what the form says, or at the suggested rate", id="again"),
    Binding("g", "go_on", "go on", tooltip="Resume a run that is over: where it was, or for longer", id="go-on"),
    Binding("a", "as_steered", "as steered", tooltip="Run again as it was steered: each change at its step", id="as-steered"),
    Binding("s", "face", "setup", tooltip="The form with its cards, and back to the run", id="face"),
    Binding("enter", "enter", "start", tooltip="Start; while a run is live, unfold its setup", id="start"),
    Binding("y", "log", "log scale", tooltip="Loss on a log scale, or not", id="log"),
    Binding("x", "unit", "x axis", tooltip="Epochs, steps or seconds along the charts", id="unit"),
    Binding("plus,equals_sign", "smooth(1)", "smoother", key_display="+", tooltip="Smooth the training curves more", id="smoother"),
    Binding("minus", "smooth(-1)", "rougher", key_display="-", tooltip="Smooth the training curves less", id="rougher"),
    Binding("less_than_sign,comma", "scrub(-1)", "epoch back", key_display="<", tooltip="Go back an epoch", id="scrub-back"),
    Binding("greater_than_sign", "scrub(1)", "epoch on", key_display=">", tooltip="Go on an epoch", id="scrub-on"),
    Binding("v", "app.samples", "samples", tooltip="What the dataset of the form looks like", id="samples"),
    Binding("e", "source", "source", tooltip="The preset's source; from there your editor", id="source"),
]

IN_A_FIELD: Keys = [
    ("Tab", "next field"),
    ("Enter", "start"),
    ("↑↓", "choose"),
    ("Esc", "leave"),
    ("Ctrl+P", "actions"),
    ("F1", "help"),
]
SCRUBBING: Keys = [("< >", "epoch"), ("Esc", "newest"), ("y", "log"), ("x", "axis"), ("z", "zoom"), ("?", "help")]
WATCHING: Keys = [("< >", "epoch"), ("y", "log"), ("x", "axis"), ("z", "zoom"), ("1-7", "panel"), ("q", "quit"), ("?", "help")]
WAITING: Keys = [
    ("g", "choose a batch"),
    ("space", "try again"),
    ("c", "change"),
    ("X", "stop"),
    ("d", "detach"),
    ("z", "zoom"),
    ("?", "help"),
]
STOPPING: Keys = [("A", "abandon"), ("y", "log"), ("x", "axis"), ("z", "zoom"), ("1-7", "panel"), ("?", "help")]


def in_a_field(*, narrow: bool) -> Keys:
    """While the cursor is in a field of the form; a comma makes a list of it."""
    return IN_A_FIELD if narrow else [*IN_A_FIELD[:3], (",", "several"), *IN_A_FIELD[3:]]


def setting_up(*, run_open: bool) -> Keys:
    """Beside the form; a run that is open can be gone back to."""
    back = [("s", "back to the run")] if run_open else []
    return [
        ("Enter", "start"),
        ("e", "source"),
        ("v", "samples"),
        *back,
        ("i", "inspect"),
        ("p", "presets"),
        ("q", "quit"),
        ("?", "help"),
    ]


def training(*, paused: bool, sweep: bool = False) -> Keys:
    """While a run goes on, alone or as one of a sweep."""
    go = ("space", "go on" if paused else "pause")
    if sweep:
        return [go, ("[ ]", "rate"), ("b", "board"), ("k", "skip"), ("X", "stop"), ("d", "detach"), ("?", "help")]
    return [go, (".", "one batch"), ("[ ]", "rate"), ("X", "stop"), ("d", "detach"), ("z", "zoom"), ("?", "help")]


def after(history: History, kept: int, suggested: float | None, *, narrow: bool, board: bool) -> Keys:
    """After a run, from its record; `kept` is the step of its checkpoint."""
    end = history.ended
    on = going_on(end.reason if end else "", kept, end.suggested_lr if end else None, narrow=narrow)
    epochs, steered = len(history.val_loss), bool(history.changes)
    return ended(epochs=epochs, suggested=suggested, on=on, steered=steered, narrow=narrow, board=board)


def ended(
    *, epochs: int, suggested: float | None, on: str = "", steered: bool = False, narrow: bool = False, board: bool = False
) -> Keys:
    """After a run, or over a record: `epochs` can be scrubbed, and a run that diverged has a rate to try.

    `on` is what `g` does, empty where the run cannot go on; `steered` says that changes were made by hand, `board` that the run
    was one of a sweep.
    """
    again = "again" if suggested is None else f"again at {units.lr(suggested)}"
    go_on = [("g", on)] if on else []
    repeat = [("a", "as steered")] if steered and not narrow else []
    scrub = [("< >", "epoch")] if epochs > 1 else []
    look = ("b", "board") if board else ("i", "inspect")
    return [*go_on, ("r", again), *repeat, ("s", "setup"), look, *scrub, ("q", "quit"), ("?", "help")]


def going_on(reason: str, step: int, lr: float | None, *, narrow: bool) -> str:
    """What `g` does after a run that ended so: `go on from step 1 200 at 3e-4`; `step` is that of the checkpoint."""
    if reason == "finished":
        return "go on for longer" if not narrow else "longer"
    if reason == "diverged" and not step:
        return ""
    at = f" at {units.lr(lr)}" if lr is not None and reason == "diverged" else ""
    return f"go on{'' if narrow or not step else f' from step {units.count(step)}'}{at}"
