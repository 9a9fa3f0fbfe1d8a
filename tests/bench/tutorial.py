"""The training loop as the tutorials write it: what the engine is measured against, and what proves that its recipes are theirs.

A dataset object hands out one sample at a time: a picture out of an array becomes a Pillow image, then goes through
torchvision's transforms. A DataLoader without workers makes batches of them, each step reads its loss with `item()`, and
after training every prediction is counted one by one. Nothing here is slow on purpose, and nothing is made faster.

It needs torch and torchvision alone. `tui-trainer bench` runs this very file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision import transforms

Batch = Sequence[torch.Tensor]


class Pictures(Dataset):
    """Pictures in memory, as `torchvision.datasets.CIFAR10` and `MNIST` keep them."""

    def __init__(self, data: Any, targets: list[int], transform: Callable[[Image.Image], torch.Tensor]) -> None:
        self.data = data  # a numpy array of bytes: [N, H, W, 3], or [N, H, W] for grey ones
        self.targets = targets
        self.transform = transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.data[index])
        return self.transform(image), self.targets[index]


def transform(mean: Sequence[float], std: Sequence[float], side: int, changes: Sequence[str] = ()) -> Callable[..., torch.Tensor]:
    """To a tensor, normalised by each channel's mean and deviation (pictures being 0 to 1), after the named changes:
    flip, shift, jitter, cutout. They have the strength that ours have."""
    before = {
        "flip": transforms.RandomHorizontalFlip(),
        "shift": transforms.RandomCrop(side, padding=max(1, side // 8), padding_mode="reflect"),
        "jitter": transforms.ColorJitter(0.2, 0.2, 0.2),
    }
    steps = [before[name] for name in changes if name in before]
    steps += [transforms.ToTensor(), transforms.Normalize(mean, std)]
    if "cutout" in changes:
        steps.append(transforms.RandomErasing(p=1.0, scale=(1 / 4, 1 / 4), ratio=(1.0, 1.0)))
    return transforms.Compose(steps)


def pictures(pixels: torch.Tensor, labels: torch.Tensor, change: Callable[..., torch.Tensor]) -> Dataset:
    """The dataset of uint8 pictures [N, C, H, W] and their int64 labels [N]."""
    data = pixels.permute(0, 2, 3, 1).contiguous().numpy()
    return Pictures(data[..., 0] if data.shape[-1] == 1 else data, labels.tolist(), change)


def rows(inputs: torch.Tensor, targets: torch.Tensor) -> Dataset:
    """The dataset of float32 inputs [N, F] and whatever belongs to each."""
    return TensorDataset(inputs, targets)


def loader(dataset: Dataset, batch_size: int, *, shuffle: bool = False) -> DataLoader:
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, num_workers=0)


def train(
    net: nn.Module,
    batches: Iterable[Batch],
    criterion: Callable[..., torch.Tensor],
    optimizer: Any,
    *,
    epochs: int,
    device: str = "cpu",
) -> Iterator[float]:
    """Learns from each batch once an epoch. It yields the loss of each step, so that somebody may stop or time it."""
    net.train()
    for _ in range(epochs):
        for inputs, labels in batches:
            inputs, labels = inputs.to(device), labels.to(device)
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            yield loss.item()


def evaluate(net: nn.Module, batches: Iterable[Batch], classes: Sequence[str], *, device: str = "cpu") -> dict[str, float]:
    """The share of each class that was recognised, and of all samples under the name `total`."""
    correct = dict.fromkeys(classes, 0)
    seen = dict.fromkeys(classes, 0)
    net.eval()
    with torch.no_grad():
        for images, labels in batches:
            outputs = net(images.to(device))
            _, predictions = torch.max(outputs, 1)
            for label, prediction in zip(labels, predictions, strict=True):
                if label == prediction:
                    correct[classes[label]] += 1
                seen[classes[label]] += 1
    net.train()
    shares = {name: correct[name] / max(1, seen[name]) for name in classes}
    return {**shares, "total": sum(correct.values()) / max(1, sum(seen.values()))}
