"""What `bench` says: a live line while it measures, then both loops side by side, the bottleneck, and what would help."""

from __future__ import annotations

import json as encoder
import math
import textwrap
from collections.abc import Iterator

from tui_trainer import session, units
from tui_trainer.bottleneck import PARTS, Benched, advice, bottleneck, is_noisy, same_recipe, share
from tui_trainer.console.output import Output
from tui_trainer.console.signals import BROKEN_PIPE, Signals
from tui_trainer.console.tables import table
from tui_trainer.console.train import notice
from tui_trainer.session.bench import GivenUp
from tui_trainer.session.bench import bench as measure

WIDEST = 110


def bench(setup: session.Setup, *, seconds: float, json: bool = False) -> int:
    """Measure what `setup` says, print it, and return the exit code. Raises BenchError with a sentence."""
    asked: list[bool] = []
    signals = Signals(ask=lambda: asked.append(True), say=notice)
    out = Output(when_gone=lambda: signals.stop(BROKEN_PIPE))
    say = Output.live if not json else _nothing
    try:
        with signals, session.quiet():
            found = measure(setup, seconds=seconds, say=lambda what: say(out, f"◌ {what}"), wanted=lambda: not asked)
    except GivenUp:
        return signals.code
    except KeyboardInterrupt:
        return 130
    finally:
        out.end_live()
    if json:
        out.line(encoder.dumps(finite(found.as_json()), indent=2))
    else:
        out.lines(lines(found, min(out.width(), WIDEST)))
    return signals.code


def _nothing(out: Output, text: str) -> None:
    """A reader of JSON is told at the end."""


def finite(value: object) -> object:
    """The same without NaN and infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def lines(found: Benched, width: int) -> Iterator[str]:
    """Everything, for a person."""
    yield from _wrapped(_head(found), width)
    yield ""
    yield from table(("", noun(found) + "/s", "a step", "input"), _rows(found), right=(noun(found) + "/s", "a step", "input"))
    yield ""
    yield from _wrapped(_ratio(found), width)
    yield from _wrapped(_alike(found), width)
    for note in found.notes:
        yield from _wrapped(f"· {units.plain(note)}", width, "  ")
    yield ""
    yield from _named("our step", ", ".join(f"{part} {units.percent(share(found, part))}" for part in PARTS), width)
    if kinds := [f"{kind} {units.percent(one)}" for kind, one in found.work.shares.items() if one >= 0.03]:
        yield from _named("of which", f"{', '.join(kinds)} of forward and backward", width)
    yield from _named("bottleneck", bottleneck(found), width)
    helps = advice(found)
    yield from _named("would help", helps[0] if helps else _tried(found), width)
    for one in helps[1:]:
        yield from _named("", one, width)


def noun(found: Benched) -> str:
    return "img" if len(found.shape) == 3 else "rows"


def _head(found: Benched) -> str:
    device = f"{found.device} ({units.plain(found.device_name)})" if found.device_name else found.device
    changes = f" · {', '.join(found.changes)}" if found.changes else ""
    return f"{units.plain(f'{found.preset} on {found.dataset}')} · {device} · batch {found.batch_size}{changes}"


def _rows(found: Benched) -> list[tuple[str, ...]]:
    ours, theirs = found.ours, found.tutorial
    loop = "TensorDataset and DataLoader" if noun(found) == "rows" else "the tutorial's loop"
    return [
        (
            f"ours, {found.precision}, {_threads(found.threads, found.device)}",
            units.speed(ours.speed),
            units.milliseconds(ours.step),
            units.percent(share(found, "input")),
        ),
        (
            f"{loop}, fp32, {_threads(found.tutorial_threads, 'cpu')}",
            units.speed(theirs.speed),
            units.milliseconds(theirs.step),
            units.percent(theirs.parts.get("input", 0.0) / (sum(theirs.parts.values()) or 1.0)),
        ),
    ]


def _threads(count: int, device: str) -> str:
    return f"{count} thread{'s' * (count != 1)}" if device == "cpu" else device


def _ratio(found: Benched) -> str:
    low, high = found.quartiles
    text = f"{found.ratio:.2f} times as fast as the tutorial's loop (middle half {low:.2f} to {high:.2f} of {found.rounds} rounds)"
    if found.repeated or found.noisy:
        text += (
            f"; others used up to {found.others:.1f} cores: {found.repeated} slices measured again, {found.noisy} kept as they are"
        )
    return f"{text}. These are the figures of a busy machine: measure again when it is quiet" if is_noisy(found) else text


def _alike(found: Benched) -> str:
    if found.losses is None:
        return "the losses of the two cannot be compared: too few steps, or not finite"
    here, there = (units.loss(one) for one in found.losses)
    up_to = f"up to step {units.count(found.steps)} the loss is {here} here and {there} there"
    if same_recipe(found):
        return f"both learn alike: {up_to}"
    return f"! they do not learn alike: {up_to}, more apart than chance allows ({units.loss(found.allowed)})"


def _tried(found: Benched) -> str:
    if not found.trials:
        return "nothing was tried: there was no time; more --seconds give some"
    return "nothing of what was tried: " + ", ".join(f"{one.what} {one.value} ({one.factor:.2f} times)" for one in found.trials)


def _named(name: str, text: str, width: int) -> Iterator[str]:
    return _wrapped(f"{name:<12}{text}", width, " " * 12)


def _wrapped(text: str, width: int, further: str = "") -> Iterator[str]:
    yield from textwrap.wrap(text, max(width, 40), subsequent_indent=further, break_long_words=False, break_on_hyphens=False)
