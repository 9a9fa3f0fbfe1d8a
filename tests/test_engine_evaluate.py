"""Figures that can be trusted: those of an evaluation are scikit-learn's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sklearn import metrics
from torch.nn import functional

from engine_runs import run, settings
from tui_trainer import paths
from tui_trainer.engine import checkpoint, data, evaluate, model, prepare, probes
from tui_trainer.engine.errors import TrainingError
from tui_trainer.events import Evaluated, RunStarted, Stepped
from tui_trainer.runs import figures


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Evaluated, list[int], list[int], torch.Tensor]:
    """The test evaluation of a short run, with the true classes, the guesses and the scores as torch alone gives them."""
    setup = settings(preset="cnn", steps=60)
    done = run(setup, tmp_path_factory.mktemp("run"))
    samples = data.load(setup, paths.datasets(), lambda *_: None, torch.device("cpu"))
    net = model.run_file(paths.shipped_presets() / "cnn.py", "cnn").build((1, 8, 8), 10).to(memory_format=torch.channels_last)
    net.load_state_dict(checkpoint.load(done.checkpoints / "last.pt")["weights"])
    with torch.no_grad():
        scores = net.eval()(samples.normalise(samples.test.inputs))
    return done.of(Evaluated)[-1], samples.test.targets.tolist(), scores.argmax(1).tolist(), scores


Trained = tuple[Evaluated, list[int], list[int], torch.Tensor]


def test_accuracy_and_confusion_are_those_of_scikit_learn(trained: Trained) -> None:
    evaluated, true, given, _ = trained
    assert evaluated.split == "test"
    assert [list(row) for row in evaluated.confusion] == metrics.confusion_matrix(true, given, labels=range(10)).tolist()
    assert evaluated.accuracy == metrics.accuracy_score(true, given)
    assert 0.3 < evaluated.accuracy < 1, "a run so short that there is something to confuse"


def test_class_figures_are_those_of_scikit_learn(trained: Trained) -> None:
    evaluated, true, given, _ = trained
    precision, recall, f1, support = metrics.precision_recall_fscore_support(true, given, labels=range(10), zero_division=0)
    classes = figures.per_class(evaluated.confusion)
    assert [one.right for one in classes] == pytest.approx(precision.tolist())
    assert [one.found for one in classes] == pytest.approx(recall.tolist())
    assert [one.f1 for one in classes] == pytest.approx(f1.tolist())
    assert [one.support for one in classes] == support.tolist()


def test_loss_is_the_mean_over_all_samples(trained: Trained) -> None:
    evaluated, true, _, scores = trained
    assert evaluated.loss == pytest.approx(metrics.log_loss(true, scores.double().softmax(1).tolist(), labels=range(10)), rel=1e-5)


def test_short_last_batch_counts_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = prepare.prepare(settings(), paths.shipped_presets() / "linear.py", paths.datasets(), lambda *_: None)
    split = ready.data.test
    found = []
    for size in (500, 100, 7):
        monkeypatch.setattr(evaluate, "AT_ONCE", size)
        found.append(evaluate.evaluate(ready.built.net, ready.data, split, ready.loss, cast=ready.cast))
    assert [one.loss for one in found] == pytest.approx([found[0].loss] * 3, rel=1e-5)
    assert found[0].confusion == found[1].confusion == found[2].confusion
    assert sum(map(sum, found[0].confusion)) == len(split)


def test_evaluating_keeps_prediction_and_confidence_and_goes_back_to_training() -> None:
    ready = prepare.prepare(settings(), paths.shipped_presets() / "linear.py", paths.datasets(), lambda *_: None)
    found = evaluate.evaluate(ready.built.net, ready.data, ready.data.val, ready.loss, cast=ready.cast)
    assert ready.built.net.training
    with torch.no_grad():
        shares = functional.softmax(ready.built.net(ready.data.normalise(ready.data.val.inputs)), 1)
    assert torch.equal(found.taken_for, shares.argmax(1))
    assert torch.allclose(found.confidence, shares.max(1).values)


def test_what_a_net_keeps_from_an_evaluation_can_be_trained_with() -> None:
    class Keeping(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(64, 10)
            self.kept: torch.Tensor | None = None

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            if self.kept is None:
                self.kept = inputs.new_ones(64)
            scores: torch.Tensor = self.layer(inputs.flatten(1) * self.kept)
            return scores

    ready = prepare.prepare(settings(), paths.shipped_presets() / "linear.py", paths.datasets(), lambda *_: None)
    net = Keeping()
    evaluate.evaluate(net, ready.data, ready.data.val, ready.loss, cast=ready.cast)
    inputs = torch.zeros(2, 1, 8, 8, requires_grad=True)
    net(inputs).sum().backward()
    assert inputs.grad is not None


def test_what_is_raised_between_batches_ends_it_with_the_net_in_training(tmp_path: Path) -> None:
    ready = prepare.prepare(settings(), paths.shipped_presets() / "linear.py", paths.datasets(), lambda *_: None)

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        evaluate.evaluate(ready.built.net, ready.data, ready.data.val, ready.loss, cast=ready.cast, between=stop)
    assert ready.built.net.training


def test_no_mistakes_are_an_empty_picture_strip() -> None:
    split = data.Split(torch.zeros(3, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2]))
    found = evaluate.Evaluation(0.0, ((1,),), torch.tensor([0, 1, 2]), torch.ones(3))
    probed = probes.mistakes(found, split, 5, 1)
    assert probed.shape == (0, 1, 8, 8)
    assert probed.data == ""
    assert probed.facts == {"index": (), "true": (), "taken_for": (), "confidence": ()}


def test_errors_are_those_of_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(4)
    targets = 3 * torch.randn(700, 3, generator=generator) + torch.tensor([0.0, 100.0, -5.0])
    predicted = targets + torch.randn(700, 3, generator=generator) * torch.tensor([0.1, 1.0, 9.0])
    mae, r2 = evaluate.errors(predicted, targets)
    assert mae == pytest.approx(metrics.mean_absolute_error(targets, predicted), rel=1e-6)
    assert r2 == pytest.approx(metrics.r2_score(targets, predicted), rel=1e-6)
    assert evaluate.errors(predicted, targets.mean(0).expand(700, 3))[1] is None


LINE = """
from torch import nn
def build(input_shape, outputs):
    return nn.Linear(input_shape[0], outputs)
"""


def test_a_regression_is_evaluated_by_its_errors(tmp_path: Path) -> None:
    setup = settings(dataset="sine", data={"noise": 0.2}, optimizer="sgd", lr=0.02, batch_size=50, epochs=3)
    done = run(setup, tmp_path, preset=LINE)
    samples = data.load(setup, paths.datasets(), lambda *_: None, torch.device("cpu"))
    net = torch.nn.Linear(1, 1)
    net.load_state_dict(checkpoint.load(done.checkpoints / "last.pt")["weights"])
    with torch.no_grad():
        predicted = net(samples.test.inputs)
    found = done.of(Evaluated)[-1]
    assert found.mae == pytest.approx(metrics.mean_absolute_error(samples.test.targets, predicted), rel=1e-5)
    assert found.r2 == pytest.approx(metrics.r2_score(samples.test.targets, predicted), rel=1e-4)
    assert found.loss == pytest.approx(metrics.mean_squared_error(samples.test.targets, predicted), rel=1e-5)
    assert (found.accuracy, found.confusion) == (None, ())
    assert (done.ended.test_mae, done.ended.test_r2, done.ended.test_loss) == (found.mae, found.r2, found.loss)
    assert (done.ended.best_accuracy, done.ended.last_accuracy, done.ended.test_accuracy) == (None, None, None)
    validations = [one for one in done.of(Evaluated) if one.split == "val"]
    best = min(validations, key=lambda one: one.loss)
    assert (done.ended.best_loss, done.ended.best_epoch) == (best.loss, best.epoch)
    assert (done.ended.last_mae, done.ended.last_r2) == (validations[-1].mae, validations[-1].r2)
    assert checkpoint.load(done.checkpoints / "best.pt")["epoch"] == best.epoch
    assert {report.correct for report in done.of(Stepped)} == {0}
    assert done.of(RunStarted)[0].task == "regression"


def test_a_regression_learns_by_the_mean_squared_error(tmp_path: Path) -> None:
    setup = settings(dataset="linear-system", optimizer="sgd", lr=0.5, momentum=0.0, batch_size=2, steps=1)
    zero = LINE.replace("return nn.Linear(input_shape[0], outputs)", "net = nn.Linear(2, 1, bias=False)\n") + (
        "    nn.init.zeros_(net.weight)\n    return net\n"
    )
    done = run(setup, tmp_path, preset=zero)
    assert done.losses == [1.0]
    weights = checkpoint.load(done.checkpoints / "last.pt")["weights"]["weight"]
    assert weights.tolist() == [[0.5, 0.5]], "the mean halves the gradient of the sum"
    assert done.of(Evaluated)[-1].r2 is None, "both targets are 1"


def test_a_net_for_numbers_has_to_give_as_many(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"shape \(2, 3\) for 2 rows; \(2, 1\) is needed, one number for each that is to be"):
        run(settings(dataset="sine"), tmp_path, preset=LINE.replace("[0], outputs", "[0], 3"))
