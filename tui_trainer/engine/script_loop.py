"""The last part of a stand-alone script: the training loop, with only the lines that its run needs."""

from __future__ import annotations

from types import ModuleType

import torch
from torch import nn

from tui_trainer.engine import optim, script_text
from tui_trainer.engine.data import Data
from tui_trainer.engine.model import Built
from tui_trainer.engine.recipe import Recipe

VARIABLES = {"batch_size": "size", "clip": "clip", "label_smoothing": "smoothing", "lr": "base"}
"""What holds a setting that changes on the way."""


def loop(recipe: Recipe, preset: ModuleType, data: Data, built: Built, *, starts: bool) -> str:
    """From the first weights to the last loss; `starts` where these come from a file."""
    made = _Loop(recipe, preset, data, built, starts)
    before = [made.functions(), made.evaluate()]
    return "\n\n\n".join([*filter(None, before), made.train()]) + "\n\n" + script_text.MAIN


class _Loop:
    """What the lines follow from."""

    def __init__(self, recipe: Recipe, preset: ModuleType, data: Data, built: Built, starts: bool) -> None:
        self.recipe, self.config, self.preset, self.data, self.built = recipe, recipe.config, preset, data, built
        self.starts = starts
        self.changed = {one.name for one in recipe.changes}
        self.regression = data.task == "regression"
        self.scheduled = self.config.schedule != "constant"
        self.changes = self.config.changes if len(data.shape) == 3 else ()
        together = "channels_last" in str(built.format)
        self.turned = together and any(isinstance(one, nn.Flatten) for one in built.net.modules())
        self.smoothing = built.loss is None and ("label_smoothing" in self.changed or self.config.label_smoothing > 0)

    def functions(self) -> str:
        """What the loop calls."""
        parts = [script_text.schedule(self.config.schedule)] if self.scheduled else []
        parts += [script_text.gradient_layout()] if self.turned else []
        parts += [script_text.augmentation(self.changes).strip("\n")] if self.changes else []
        return "\n\n\n".join(parts)

    def evaluate(self) -> str:
        figure, counted = ("mean absolute error", "missed") if self.regression else ("share of right answers", "right")
        count = "missed += (outputs - targets[part]).abs().mean().item() * len(targets[part])"
        if not self.regression:
            count = "right += (outputs.argmax(1) == targets[part]).sum().item()"
        forward = "\n".join(self.forward(self.given("inputs[part]"))).replace("\n", "\n        ")
        return script_text.EVALUATE.format(figure=figure, counted=counted, count=count, forward=forward).strip("\n")

    def given(self, inputs: str) -> str:
        return inputs if self.regression else f"normalise({inputs})"

    def forward(self, inputs: str) -> list[str]:
        if not self.recipe.bf16:
            return [f"outputs = net({inputs})"]
        lines = ['with torch.autocast("cpu", dtype=torch.bfloat16):', f"    outputs = net({inputs})"]
        return [*lines, "outputs = outputs.float()"]

    def train(self) -> str:
        body = [*self.begin(), "", *self.variables(), *self.helpers(), "for epoch in itertools.count(1):"]
        epoch = ['order = torch.randperm(len(train_targets), generator=seeded(SEED, "order", epoch))', "position = 0"]
        epoch += ["plan = planned(epoch, size)"] if self.changes else []
        epoch += ["while position == 0 or len(order) - position > 1:  # a batch of a single sample is left out"]
        epoch += _in(self.step())
        epoch += self.judge()
        lines = ['"""The run, batch by batch: gives the loss of each."""', *body, *_in(epoch)]
        return "def train():\n" + "\n".join(f"    {line}".rstrip() for line in lines)

    def begin(self) -> list[str]:
        """Net and optimizer."""
        knobs = "".join(f", {name}={value!r}" for name, value in self.config.knobs.items())
        lines = ["torch.manual_seed(SEED)  # the first weights follow from it, and what dropout leaves out", "random.seed(SEED)"]
        lines.append(f"net = build({self.data.shape!r}, {self.data.outputs}{knobs})")
        if "channels_last" in str(self.built.format):
            lines.append("net.to(memory_format=torch.channels_last)")
        if self.turned:
            lines += ["for module in net.modules():", "    if isinstance(module, torch.nn.Flatten):"]
            lines.append("        module.register_forward_pre_hook(turn)  # the same values, in the layout of the pictures")
        if self.starts:
            lines.append('net.load_state_dict(torch.load(HERE / "first.pt", weights_only=True))  # of the run it began with')
        if self.built.optimizer is not None:
            return [*lines, "optim = optimizer(net, SETTINGS)  # the preset's own"]
        kind, arguments = optim.recipe(self.config, torch.device("cpu"))
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value or name in {"lr", "momentum"})
        trained = "net.parameters()"
        if not all(one.requires_grad for one in self.built.net.parameters()):
            trained = "[one for one in net.parameters() if one.requires_grad]"
        return [*lines, f"optim = torch.optim.{kind.__name__}({trained}, {given})"]

    def variables(self) -> list[str]:
        config = self.config
        lines = [f"size = {config.batch_size}", "step = 0"]
        lines += [f"clip = {config.clip!r}"] if "clip" in self.changed else []
        lines += [f"smoothing = {config.label_smoothing!r}"] if "label_smoothing" in self.changed else []
        if self.scheduled:
            lines += [f"base = {config.lr!r}  # the schedule multiplies it", f"planned_steps = {self.recipe.planned}"]
            lines += ["begun, done = 0.0, 0.0"] if self.replanned else []
        return lines

    @property
    def replanned(self) -> bool:
        return bool({"planned", "budget"} & self.changed)

    def helpers(self) -> list[str]:
        """Functions within `train`, which see its variables as they are by then."""
        lines: list[str] = []
        if self.built.loss is not None:
            lines += ["", "loss_of = loss  # the preset's own"]
        elif self.regression:
            lines += ["", "loss_of = functional.mse_loss"]
        elif self.smoothing:
            value = "smoothing" if "label_smoothing" in self.changed else repr(self.config.label_smoothing)
            lines += ["", "def loss_of(outputs, targets):"]
            lines += [f"    return functional.cross_entropy(outputs, targets, label_smoothing={value})"]
        else:
            lines += ["", "loss_of = functional.cross_entropy"]
        if not self.scheduled:
            return [*lines, ""]
        part = "step / planned_steps"
        if self.replanned:
            left = "(1 - done) * (step - begun) / (planned_steps - begun)"
            part += f" if not begun else done + {left} if planned_steps > begun else 1.0"
        lines += ["", "def behind():", '    """How much of the schedule is behind."""', f"    return {part}"]
        lines += ["", "def factor():", "    return schedule(min(max(behind(), 0.0), 1.0))", ""]
        return lines

    def step(self) -> list[str]:
        """One batch."""
        lines = self.apply()
        if self.scheduled:
            lines += ["for group in optim.param_groups:", '    group["lr"] = base * factor()']
        lines += ["chosen = order[position : position + size]", "inputs, targets = train_inputs[chosen], train_targets[chosen]"]
        lines += self.change_pictures()
        lines += ["", *self.forward("inputs" if self.changes else self.given("inputs"))]
        value = "loss_of(outputs, targets)"
        if "mixup" in self.changes:
            value = "share * loss_of(outputs, targets) + (1 - share) * loss_of(outputs, others)"
        lines += [f"value = {value}", "value.backward()"]
        clip = "torch.nn.utils.clip_grad_norm_(net.parameters(), {})"
        if "clip" in self.changed:
            lines += ["if clip:", f"    {clip.format('clip')}"]
        elif self.config.clip:
            lines.append(clip.format(repr(self.config.clip)))
        lines += ["optim.step()", "optim.zero_grad()", "step += 1", "position += len(chosen)", "yield value.item()"]
        return [*lines, "if step == STEPS:", "    break"]

    def change_pictures(self) -> list[str]:
        if not self.changes:
            return []
        lines = ["number_of_batch = position // size"] if set(self.changes) - {"flip"} else []
        for name, line in {
            "flip": 'inputs = flip(inputs, plan["flip"][chosen])',
            "shift": 'inputs = shift(inputs, plan["shift"][number_of_batch])',
            "jitter": 'inputs = jitter(inputs, plan["jitter"][number_of_batch * size :][: len(inputs)])',
            "": "inputs = normalise(inputs)",
            "cutout": 'cut(inputs, plan["cutout"][number_of_batch])',
        }.items():
            lines += [line] if not name or name in self.changes else []
        if "mixup" in self.changes:
            lines += ['share, others = plan["mixup"][number_of_batch], targets.roll(1, 0)']
            lines += ["inputs = torch.lerp(inputs.roll(1, 0), inputs, share)  # each with a little of its neighbour"]
        return lines

    def apply(self) -> list[str]:
        """What became otherwise before this batch."""
        if not self.changed:
            return []
        lines = ["for name, old, new in CHANGES.get(step + 1, ()):"]
        word = "if"
        for name in sorted(self.changed):
            lines += [f"    {word} name == {name!r}:", *(f"        {line}" for line in self.applied(name))]
            word = "elif"
        return lines

    def applied(self, name: str) -> list[str]:
        match name:
            case "lr" if self.scheduled:
                return ["base = new / (factor() or 1.0)"]
            case "lr":
                return ["for group in optim.param_groups:", '    group["lr"] = new']
            case "momentum" | "weight_decay":
                return ["for group in optim.param_groups:", "    group[name] = new if group.get(name) == old else group[name]"]
            case "threads":
                return ["torch.set_num_threads(new)"]
            case "batch_size":
                return ["size = new", *(["plan = planned(epoch, size)"] if self.changes else [])]
            case "planned":
                return ["begun, done, planned_steps = float(step), behind(), new"] if self.scheduled else ["pass"]
            case "budget":
                return ["begun, done, planned_steps = 0.0, 0.0, new"] if self.scheduled else ["pass"]
        return [f"{VARIABLES[name]} = new"]

    def judge(self) -> list[str]:
        """After each epoch, and at the end."""
        figure = "mean absolute error {figure:.4g}" if self.regression else "accuracy {figure:.2%}"
        lines = ["value, figure = evaluate(net, loss_of, val_inputs, val_targets)"]
        lines += [f'print(f"epoch {{epoch:>3}}  step {{step:>6}}  validation loss {{value:.5g}}, {figure}")']
        lines += ["if step == STEPS:", "    value, figure = evaluate(net, loss_of, test_inputs, test_targets)"]
        return [*lines, f'    print(f"test loss {{value:.5g}}, {figure}")', "    return"]


def _in(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
