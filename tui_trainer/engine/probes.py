"""Looks into a model and its data: small integers and a few numbers that any reader of the record can draw."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from tui_trainer.engine.data import Data, Split
from tui_trainer.engine.evaluate import Evaluation
from tui_trainer.engine.seeds import seeded
from tui_trainer.events import Probed

MOST = 8
DIGITS = 5
"""Significant ones of what is drawn: a record holds thousands of looks."""
ROWS, COLUMNS = 32, 48
POINTS = 300
BEYOND = 0.06
"""How far a plane goes on around its points, as a share of their extent."""
STEPS = 96
SAMPLES = 200

Cast = Callable[[], AbstractContextManager[object]]


def mistakes(evaluation: Evaluation, split: Split, step: int, epoch: int) -> Probed:
    """The wrong answers that were given with most confidence, the most certain first."""
    taken_for, confidence, labels = evaluation.taken_for.cpu(), evaluation.confidence.cpu(), split.targets.cpu()
    wrong = (taken_for != labels).nonzero().flatten()
    chosen = wrong[confidence[wrong].argsort(descending=True, stable=True)][:MOST]
    shown = split.pictures or split
    pictures = shown.take(chosen.to(shown.inputs.device)).cpu()
    return Probed(
        step,
        epoch,
        "mistakes",
        tuple(pictures.shape),
        as_text(pictures),
        {
            "index": _numbers(chosen),
            "true": _numbers(labels[chosen]),
            "taken_for": _numbers(taken_for[chosen]),
            "confidence": tuple(round(share, 4) for share in confidence[chosen].tolist()),
        },
    )


class Regions:
    """Of samples with two values: the class that the net gives to each point of the plane they lie in."""

    def __init__(self, data: Data) -> None:
        inputs = data.train.take(slice(None)).cpu()
        least, most = inputs.min(0).values, inputs.max(0).values
        margin = BEYOND * (most - least).clamp_min(1e-6)
        (left, low), (right, high) = (least - margin).tolist(), (most + margin).tolist()
        self._data = data
        down, across = torch.linspace(low, high, ROWS), torch.linspace(left, right, COLUMNS)
        self._grid = torch.cartesian_prod(down, across).flip(1).to(data.device)
        chosen = _chosen(data.train, POINTS)
        points = data.train.take(chosen).cpu()
        self._facts = {
            "x": _short(torch.tensor([left, right])),
            "y": _short(torch.tensor([low, high])),
            "points_x": _short(points[:, 0]),
            "points_y": _short(points[:, 1]),
            "points_class": _numbers(data.train.targets[chosen.to(data.device)].double().cpu()),
        }

    def __call__(self, net: nn.Module, cast: Cast, step: int, epoch: int) -> Probed:
        classes = _answers(net, self._data.normalise(self._grid), cast).argmax(1)
        return Probed(step, epoch, "regions", (ROWS, COLUMNS), as_text(classes), self._facts)


class Curve:
    """Of samples with one value: what the net predicts over their range."""

    def __init__(self, data: Data) -> None:
        inputs = data.train.take(slice(None))[:, 0]
        self._data = data
        self._x = torch.linspace(float(inputs.min()), float(inputs.max()), STEPS)
        chosen = _chosen(data.train, SAMPLES)
        x, y = data.train.take(chosen)[:, 0].cpu(), data.train.targets[chosen.to(data.device)][:, 0].cpu()
        rising = x.argsort(stable=True)
        self._facts = {"samples_x": _short(x[rising]), "samples_y": _short(y[rising])}

    def __call__(self, net: nn.Module, cast: Cast, step: int, epoch: int) -> Probed:
        inputs = self._data.normalise(self._x[:, None].to(self._data.device))
        predicted = _answers(net, inputs, cast)[:, 0].cpu()
        facts = {"x": _short(self._x), "predicted": _short(predicted), **self._facts}
        return Probed(step, epoch, "curve", (), "", facts)


class Parameters:
    """Every parameter of a net with at most twenty: its value after a step, and its gradient at that step."""

    MOST = 20
    FIRST = 100
    """Steps that are all looked at, from the first on."""

    def __init__(self, net: nn.Module) -> None:
        self._named = [(name, values) for name, values in net.named_parameters() if values.requires_grad]
        self._names = [name for pair in self._named for name in _elements(*pair)]
        self._gradients: list[Tensor] = []
        self._step = 0

    @classmethod
    def of(cls, net: nn.Module) -> Parameters | None:
        """None where there are too many of them."""
        return cls(net) if 0 < sum(values.numel() for values in net.parameters()) <= cls.MOST else None

    def keep(self, step: int) -> None:
        """The gradients as they are between the backward pass of this step and its update."""
        grads = (values.grad for _, values in self._named)
        self._gradients = [
            torch.zeros_like(values) if grad is None else grad.clone() for grad, (_, values) in zip(grads, self._named, strict=True)
        ]
        self._step = step

    def are_due(self, step: int) -> bool:
        """Whether a look at this step may not be left out."""
        return step == self._step <= self.FIRST

    def probed(self, step: int, epoch: int) -> Probed | None:
        """Called after the update of `step`; None where its gradients were not kept."""
        if step != self._step:
            return None
        values = torch.cat([values.detach().flatten() for _, values in self._named])
        gradients = torch.cat([gradient.flatten() for gradient in self._gradients])
        pairs = zip(_short(values, DIGITS + 1), _short(gradients, DIGITS + 1), strict=True)
        return Probed(step, epoch, "parameters", (), "", dict(zip(self._names, pairs, strict=True)))


def plane_or_curve(data: Data) -> Regions | Curve | None:
    """What can be drawn of samples that are no pictures."""
    if data.shape == (2,) and data.task == "classification" and data.train.pictures is None:
        return Regions(data)
    if data.shape == (1,) and data.task == "regression" and data.outputs == 1:
        return Curve(data)
    return None


def has_pictures(data: Data) -> bool:
    """Whether mistakes can be shown."""
    return data.task == "classification" and (len(data.shape) == 3 or data.train.pictures is not None)


def as_text(values: Tensor) -> str:
    """Bytes, row by row, as base64."""
    return base64.b64encode(bytes(values.to(torch.uint8).flatten().tolist())).decode()


def _answers(net: nn.Module, inputs: Tensor, cast: Cast) -> Tensor:
    """What the net gives for these, as in an evaluation."""
    net.eval()
    try:
        with torch.no_grad(), cast():
            outputs: Tensor = net(inputs)
        return outputs.float()
    finally:
        net.train()


def _chosen(split: Split, most: int) -> Tensor:
    """Places of some samples, always the same, where the inputs lie."""
    order = torch.randperm(len(split), generator=seeded(0, "shown"))[:most].sort().values
    return order.to(split.inputs.device)


def _elements(name: str, values: Tensor) -> list[str]:
    """`weight[0,1]`; only the name of a single number."""
    if values.dim() == 0:
        return [name]
    places = torch.cartesian_prod(*(torch.arange(size) for size in values.shape)).view(-1, values.dim()).tolist()
    return [f"{name}[{','.join(map(str, place))}]" for place in places]


def _short(values: Tensor, digits: int = DIGITS) -> tuple[float, ...]:
    """With so many significant digits; what is not finite stays so."""
    return tuple(float(f"{value:.{digits}g}") for value in values.tolist())


def _numbers(values: Tensor) -> tuple[float, ...]:
    return tuple(values.tolist())
