"""Made runs of regression and of points in the plane: a fitted sine, a solved system, and regions of classes."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import replace

from made import ended as classes_ended
from made import started as classes_started
from tui_trainer.events import Evaluated, Event, Layer, Probed, RunEnded, RunStarted, Stepped

TURN = 2 * math.pi


def started(dataset: str = "sine", inputs: int = 1, parameters: int = 337, epochs: int = 10, per_epoch: int = 1) -> RunStarted:
    """Numbers are predicted from so many values."""
    return replace(
        classes_started(()),
        config={"preset": "mlp", "dataset": dataset, "optimizer": "sgd", "lr": 0.1, "batch_size": 2, "epochs": epochs},
        parameters=parameters,
        layers=(Layer("dense1", "Linear", (1,), parameters),),
        input_shape=(inputs,),
        train_size=1000,
        val_size=200,
        test_size=200,
        steps_per_epoch=per_epoch,
        steps=epochs * per_epoch,
        task="regression",
    )


def tried(epoch: int, loss: float, mae: float, r2: float | None, *, step: int | None = None, split: str = "val") -> Evaluated:
    """A validation without classes."""
    at = epoch if step is None else step
    return Evaluated(at, epoch, split, loss, None, (), at / 10, 0.01, split == "val", 0.1, mae, r2)


def learned(step: int, *losses: float, epoch: int = 1) -> Stepped:
    return Stepped(step, epoch, losses, 0, 2 * len(losses), 0.1, step / 10)


def curve(step: int, amplitude: float, *, epoch: int = 1, dots: int = 60) -> Probed:
    """A sine of this height over samples of the true one."""
    x = tuple(TURN * at / 99 for at in range(100))
    samples = tuple(TURN * at / dots for at in range(dots))
    facts = {
        "x": x,
        "predicted": tuple(amplitude * math.sin(one) for one in x),
        "samples_x": samples,
        "samples_y": tuple(map(math.sin, samples)),
    }
    return Probed(step, epoch, "curve", (), "", facts)


def parameters(step: int, values: Sequence[float], gradients: Sequence[float], names: Sequence[str] = ("x[0]", "x[1]")) -> Probed:
    facts = {name: (value, slope) for name, value, slope in zip(names, values, gradients, strict=True)}
    return Probed(step, step, "parameters", (), "", facts)


def ended(epochs: int, loss: float, mae: float, r2: float | None, reason: str = "finished") -> RunEnded:
    bare = replace(classes_ended(reason, None), best_loss=loss, best_epoch=epochs, best_mae=mae, best_r2=r2)
    bare = replace(bare, last_loss=loss, last_mae=mae, last_r2=r2, test_loss=loss, test_mae=mae, test_r2=r2)
    return replace(bare, step=epochs, epoch=epochs, seconds=epochs / 10)


def sine(epochs: int = 8) -> list[Event]:
    """A net that comes near to y = sin x, a little each epoch; 337 parameters, so that none is shown."""
    rows: list[Event] = [started(epochs=10, per_epoch=20)]
    for epoch in range(1, epochs + 1):
        miss = 0.7**epoch
        rows.append(learned(20 * epoch, *(0.5 * miss**2 * (1 + 0.3 * math.sin(at)) for at in range(20)), epoch=epoch))
        rows.append(tried(epoch, 0.5 * miss**2, 0.64 * miss, 1 - miss**2, step=20 * epoch))
        rows.append(curve(20 * epoch, 1 - miss, epoch=epoch))
    return rows


def system(steps: int = 9) -> list[Event]:
    """A x = b at a rate of 0.1: 0.2, 0.36, 0.488 …"""
    rows: list[Event] = [started("linear-system", inputs=2, parameters=2)]
    for step in range(1, steps + 1):
        miss = 0.8**step
        rows += [learned(step, (miss / 0.8) ** 2, epoch=step), parameters(step, (1 - miss, 1 - miss), (-2 * miss, -2 * miss))]
        rows.append(tried(step, miss**2, miss, None))
    return rows


def amplitude(steps: int = 40) -> list[Event]:
    """a0 sin(a1 x) by steps of 0.1: the second parameter ends in a flip between two values."""
    rows: list[Event] = [started(parameters=2, epochs=steps)]
    for step in range(1, steps + 1):
        height = max(1.3 - 0.02 * step, 0.98)
        turns = 0.94 if step % 2 else 1.04
        rows += [learned(step, 13.45, epoch=step), parameters(step, (height, turns), (0.1, 30.0 * (-1) ** step), ("a0", "a1"))]
        rows += [tried(step, 13.45, 0.11, 0.97), curve(step, height, epoch=step)]
    return rows


NAMES = ("red", "blue")


def plane(step: int, bend: float, *, names: Sequence[str] = NAMES, size: tuple[int, int] = (24, 40)) -> Probed:
    """Classes of the plane in waves, and points that lie by them."""
    high, wide = size
    many = len(names)

    def side(x: float, y: float) -> int:
        return min(max(int((y - bend * math.sin(2 * x) + 1) / 2 * many), 0), many - 1)

    xs = [-1.5 + 3 * at / (wide - 1) for at in range(wide)]
    ys = [-1 + 2 * at / (high - 1) for at in range(high)]
    cells = bytes(side(x, y) for y in ys for x in xs)
    spots = [(1.4 * math.sin(7.3 * at), 0.95 * math.cos(3.1 * at)) for at in range(40)]
    facts = {
        "x": (-1.5, 1.5),
        "y": (-1.0, 1.0),
        "points_x": tuple(x for x, _ in spots),
        "points_y": tuple(y for _, y in spots),
        "points_class": tuple(float(side(x, y)) for x, y in spots),
    }
    return Probed(step, step // 10, "regions", size, base64.b64encode(cells).decode(), facts)


def points(epochs: int = 4, names: Sequence[str] = NAMES) -> list[Event]:
    """Two classes in the plane, ever better told apart."""
    begun = replace(classes_started(tuple(names)), input_shape=(2,), config={"preset": "mlp", "dataset": "points"})
    rows: list[Event] = [begun]
    for epoch in range(1, epochs + 1):
        hits = 60 + 8 * epoch
        losses = tuple(0.7 * 0.99 ** (10 * epoch + at) for at in range(10))
        rows.append(Stepped(10 * epoch, epoch, losses, hits, 100, 1e-3, epoch))
        matrix = tuple(
            tuple(hits if a == b else (100 - hits) // (len(names) - 1) for b in range(len(names))) for a in range(len(names))
        )
        share = hits / sum(matrix[0])
        rows.append(Evaluated(10 * epoch, epoch, "val", losses[-1], share, matrix, float(epoch), 0.1, True, 0.9))
        rows.append(plane(10 * epoch, 0.1 * epoch, names=names))
    return rows
