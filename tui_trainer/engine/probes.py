"""Looks into a model and its data: small integers that any reader of the record can draw."""

from __future__ import annotations

import base64

import torch
from torch import Tensor

from tui_trainer.engine.data import Split
from tui_trainer.engine.evaluate import Evaluation
from tui_trainer.events import Probed

MOST = 8


def mistakes(evaluation: Evaluation, split: Split, step: int, epoch: int) -> Probed:
    """The wrong answers that were given with most confidence, the most certain first."""
    taken_for, confidence, labels = evaluation.taken_for.cpu(), evaluation.confidence.cpu(), split.targets.cpu()
    wrong = (taken_for != labels).nonzero().flatten()
    chosen = wrong[confidence[wrong].argsort(descending=True, stable=True)][:MOST]
    pictures = (split.pictures or split).take(chosen.to(split.inputs.device)).cpu()
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


def as_text(values: Tensor) -> str:
    """Bytes, row by row, as base64."""
    return base64.b64encode(bytes(values.to(torch.uint8).flatten().tolist())).decode()


def _numbers(values: Tensor) -> tuple[float, ...]:
    return tuple(values.tolist())
