"""Runs as if they had ended earlier: at the same epoch, step, second or sample as the shortest beside them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from tui_trainer import units
from tui_trainer.events import Evaluated
from tui_trainer.runs.side import AXES, Side, Spot

NEAR = 1e-6
"""Part of an amount by which two are taken for one: seconds are written in thousandths, epochs are broken numbers."""


def words(axis: str, amount: float) -> str:
    """`cut at 10 epochs`, `cut at 3 min 04 s`"""
    if axis == "seconds":
        return f"cut at {units.duration(amount)}"
    if axis == "epoch":
        return f"cut at {amount:.4g} epoch{'s' * (amount != 1)}"
    return f"cut at {units.count(round(amount))} {axis.removesuffix('s')}{'s' * (round(amount) != 1)}"


def amount_of(side: Side, axis: str) -> float:
    """How far a run went on one of AXES."""
    return float((side.steps, side.epochs, side.seconds, side.samples)[AXES.index(axis)])


def shortest(settings: Sequence[Sequence[Side]], axis: str) -> float | None:
    """As far as the furthest run of every setting went; None where none went further."""
    ends = [max(amount_of(side, axis) for side in sides) for sides in settings if sides]
    if not ends or max(ends) <= min(ends) * (1 + NEAR) or not min(ends):
        return None
    return min(ends)


def cut(side: Side, axis: str, amount: float) -> Side:
    """A run as if it had ended there; the same where it did not go so far, or just so far."""
    end = amount * (1 + NEAR)
    if amount_of(side, axis) <= end:
        return side
    curves = {name: tuple(spot for spot in curve if spot.at(axis) <= end) for name, curve in side.curves.items()}
    steps, epochs, seconds, samples = _place(side, axis, amount)
    bests = tuple(one for one in side.bests if one.evaluated.step <= steps)
    best = bests[-1] if bests else None
    return replace(
        side,
        status="finished",
        curves=curves,
        bests=bests,
        best=best.evaluated if best else None,
        last=_last(curves),
        test=None,
        found=best.found if best else {},
        gap=best.gap if best else None,
        reached={level: when for level, when in side.reached.items() if when <= seconds * (1 + NEAR)},
        steps=int(steps),
        epochs=epochs,
        seconds=seconds,
        samples=round(samples),
        changes=tuple(one for one in side.changes if one.step <= steps),
    )


def _place(side: Side, axis: str, amount: float) -> tuple[float, float, float, float]:
    """Step, epoch, second and sample at which it would have ended: between the spots that are known, straight."""
    ends = Spot(side.steps, side.epochs, side.seconds, side.samples, 0.0)
    spots = sorted({spot[:4] for curve in side.curves.values() for spot in curve} | {(0, 0.0, 0.0, 0.0), ends[:4]})
    at = AXES.index(axis)
    right = min(max(bisect_right(spots, amount, key=lambda spot: spot[at]), 1), len(spots) - 1)
    before, after = spots[right - 1], spots[right]
    part = (amount - before[at]) / (after[at] - before[at]) if after[at] > before[at] else 0.0
    step, epoch, seconds, samples = (low + (high - low) * min(max(part, 0.0), 1.0) for low, high in zip(before, after, strict=True))
    return step + NEAR, epoch, seconds, samples


def _last(curves: dict[str, tuple[Spot, ...]]) -> Evaluated | None:
    """The newest validation, as far as its curves have it."""
    spots = [curves[name][-1] if curves[name] else None for name in ("loss", "accuracy", "mae")]
    loss, accuracy, mae = spots
    newest = max((spot for spot in spots if spot), key=lambda spot: spot.step, default=None)
    if newest is None:
        return None

    def value(spot: Spot | None) -> float | None:
        return spot.value if spot and spot.step == newest.step else None

    shown = value(loss)
    return Evaluated(
        newest.step,
        -int(-newest.epoch // 1),
        "val",
        float("nan") if shown is None else shown,
        value(accuracy),
        (),
        newest.seconds,
        0.0,
        mae=value(mae),
    )
