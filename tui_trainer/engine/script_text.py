"""The parts of a stand-alone script as text: what is the same in every one, and what follows from a setting.

Functions that decide about numbers are taken from the engine itself, word for word, so that script and run cannot part.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable

from tui_trainer import datasets, schedules
from tui_trainer.engine import augment, layout, seeds, splits

NAMES = ("HERE", "SEED", "STEPS", "CHANGES", "SETTINGS", "GROUPS", "STRENGTH", "GREY", "ALPHA", "turn", "schedule")
FUNCTIONS = (
    *("number", "seeded", "held_out", "divide", "by_class", "steps_per_epoch", "flip", "shift", "most"),
    *("reflected", "jitter", "cut", "read_digits", "normalise", "planned", "pictures_of", "evaluate", "train", "Turned"),
    *("train_inputs", "train_targets", "val_inputs", "val_targets", "test_inputs", "test_targets", "inputs", "targets"),
    *("mean", "scale", "train_rows", "val_rows", "test_rows", "counts", "shares", "values", "means", "deviations", "found"),
)
"""Names that a script has at its top; where its preset has one of them too, the script's is renamed."""


def verbatim(*functions: Callable[..., object] | type) -> str:
    """Functions of the engine as they stand there, without the names of modules that a script does not have."""
    found = []
    for one in functions:
        text = textwrap.dedent(inspect.getsource(one))
        text = re.sub(r"\b(?:datasets|seeds)\.(?=[a-z])", "", text)
        found.append(re.sub(r"(?<![\w.])_(?=(?:by_class|reflected|Turned)\b)", "", text).rstrip())
    return "\n\n\n".join(found)


def random_numbers() -> str:
    return verbatim(seeds.number, seeds.seeded)


def division() -> str:
    return verbatim(datasets.held_out, splits.divide, splits._by_class)


def schedule(name: str) -> str:
    return re.sub(r"def \w+", "def schedule", verbatim(schedules.SCHEDULES[name]), count=1)


def gradient_layout() -> str:
    text = verbatim(layout._Turned, layout.turn).replace("Any", "object").replace("(ctx: object", "(ctx")
    return text.replace(": nn.", ": torch.nn.")


DIGITS = '''
def read_digits():
    """1797 pictures as bytes [1797, 1, 8, 8], and their labels. A line of the file is 64 shades from 0 to 16, then the digit."""
    with gzip.open(HERE / "digits.csv.gz", "rt") as file:
        lines = torch.tensor([[int(word) for word in line] for line in csv.reader(file)])
    pictures = (lines[:, :64].float() * (255 / 16)).round().to(torch.uint8)
    return pictures.view(-1, 1, 8, 8), lines[:, 64]


inputs, targets = read_digits()
'''

TENSORS = """
found = torch.load(HERE / "{file}", weights_only=True)
inputs, targets = found["inputs"], found["targets"]
"""

FEATURES = """
# What the net learns from is not the pictures themselves but what `features` finds in them, computed once.
torch.manual_seed(SEED)
random.seed(SEED)
with torch.no_grad():
    inputs = torch.cat([features(part.clone(), SETTINGS).float() for part in inputs.split(500)])
"""

PICTURES_STANDARD = """
# Bytes become floats with mean 0 and deviation 1, channel by channel. Both are those of the training split alone:
# validation and test have to stay unknown.
counts = torch.stack([torch.bincount(train_inputs[:, one].flatten(), minlength=256) for one in range(train_inputs.shape[1])])
shares = counts.double() / counts.sum(1, keepdim=True)
values = torch.arange(256, dtype=torch.float64)
means = shares @ values
deviations = (shares * (values - means[:, None]) ** 2).sum(1).sqrt()
mean = means.float().view(1, -1, 1, 1)
scale = (1 / deviations.clamp_min(1)).float().view(1, -1, 1, 1)
"""

PICTURES_FIXED = """
# Bytes from 0 to 255 become floats {range}.
mean, scale = {mean}, 1 / {scale}
"""

ROWS_STANDARD = """
# Every value gets mean 0 and deviation 1, both over the training split alone: validation and test have to stay unknown.
means = sum(part.double().sum(0) for part in train_inputs.split(500)) / len(train_inputs)
deviations = (sum(((part.double() - means) ** 2).sum(0) for part in train_inputs.split(500)) / len(train_inputs)).sqrt()
deviations = torch.maximum(deviations, 1e-6 * (means.abs() + 1))  # one that hardly varies is not blown up
mean, scale = means.float()[None], (1 / deviations).float()[None]
"""

NORMALISE = '''

def normalise(batch):
    """What the net gets{words}."""
    return batch{layout}.float().sub(mean).mul(scale)
'''

EVALUATE = '''
@torch.no_grad()
def evaluate(net, loss_of, inputs, targets):
    """Loss and {figure} on samples that the net does not learn from."""
    net.eval()  # dropout and batch norm behave otherwise here
    total, {counted} = 0.0, 0.0
    for first in range(0, len(targets), 500):
        part = slice(first, first + 500)
        {forward}
        total += loss_of(outputs, targets[part]).item() * len(targets[part])
        {count}
    net.train()
    return total / len(targets), {counted} / len(targets)
'''

MAIN = """
if __name__ == "__main__":
    for step, value in enumerate(train(), 1):
        if step <= 5 or step % 50 == 0:
            print(f"step {step:>6}  loss {value:.5g}")
"""

FLIP = '''def flip(pictures, mirrored):
    """Left and right changed places where `mirrored` says so."""
    return torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures)'''

PLAN = {
    "flip": '"flip": torch.randperm(count, generator=seeded(SEED, "flip")) % 2 == epoch % 2,  # the other half the next time',
    "shift": '"shift": torch.rand(batches, GROUPS, 2, generator=seeded(SEED, "shift", epoch)).tolist(),',
    "cutout": '"cutout": torch.rand(batches, GROUPS, 2, generator=seeded(SEED, "cutout", epoch)).tolist(),',
    "jitter": '"jitter": 1 + STRENGTH * (2 * torch.rand(count, 3, generator=seeded(SEED, "jitter", epoch)) - 1),',
    "mixup": '"mixup": [max(one, 1 - one) for one in (draw.betavariate(ALPHA, ALPHA) for _ in range(batches))],',
}


def augmentation(changes: tuple[str, ...]) -> str:
    """What the switches that are on need: constants, functions, and the plan of an epoch."""
    constants = [f"GROUPS = {augment.GROUPS}"] if {"shift", "cutout"} & set(changes) else []
    constants += [f"STRENGTH = {augment.STRENGTH}", f"GREY = {augment.GREY}"] if "jitter" in changes else []
    constants += [f"ALPHA = {augment.ALPHA}"] if "mixup" in changes else []
    parts: list[str] = []
    if "flip" in changes:
        parts.append(FLIP)
    if "shift" in changes:
        parts.append(verbatim(augment.shift, augment.most, augment._reflected))
    if "jitter" in changes:
        parts.append(verbatim(augment.jitter))
    if "cutout" in changes:
        parts.append(verbatim(augment.cut))
    parts.append(verbatim(datasets.steps_per_epoch))
    draw = '\n    draw = random.Random(number(SEED, "mixup", epoch))' if "mixup" in changes else ""
    lines = "\n        ".join(PLAN[one] for one in changes)
    plan = f'''def planned(epoch, size):
    """What this epoch does to its pictures, drawn before it begins, for each kind of change from a generator of its own."""
    count = len(train_targets)
    batches = steps_per_epoch(count, size){draw}
    return {{
        {lines}
    }}'''
    return "\n".join(constants) + "\n\n\n" + "\n\n\n".join([*parts, plan])


def renamed(text: str, taken: set[str]) -> str:
    """The text with its own names out of the way of those of the preset."""
    for name in sorted(taken & {*NAMES, *FUNCTIONS}):
        text = re.sub(rf"(?<![\w.\"]){name}\b(?!\")", f"our_{name}", text)
    return text
