"""A race without a trainer: its lanes are made of records, and its clock stands where a test puts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from made import ended, started
from tui_trainer import session
from tui_trainer.events import Evaluated, Event, Preparing, Stepped
from tui_trainer.runs import log
from tui_trainer.session.race import Budget, Race

TWO_MINUTES = Budget("seconds", 120.0)
NETS = ("linear", "mlp", "cnn")
PARAMETERS = {"linear": 650, "mlp": 26_122, "cnn": 356_810}


class MadeRace(Race):
    """Nothing trains. What the threads of its racers would have said is said by `go`."""

    def __init__(self, nets: Sequence[str] = NETS, budget: Budget = TWO_MINUTES, **more: object) -> None:
        labels = more.pop("labels", ())
        setups = [session.configure({"preset": net, "dataset": "digits", "seed": 7, "batch_size": 64, **more}) for net in nets]
        super().__init__(setups, budget, labels)
        self.running = False
        self.asked: list[str] = []

    def start(self, after: object = None) -> None:
        self.running = True

    @property
    def alive(self) -> bool:
        return self.running

    @property
    def racing(self) -> bool:
        return any(lane.samples for lane in self.lanes)

    def stop(self) -> None:
        self.asked.append("stop")
        super().stop()

    def wait(self, seconds: float) -> bool:
        self.asked.append("wait")
        return not self.running

    def write(self, number: int, *events: Event) -> None:
        """Append to the record of a lane."""
        with log.Writer(self.lanes[number].run.events) as write:
            for event in events:
                write(event)

    def prepare(self, number: int) -> None:
        self.write(number, Preparing("loading torch"))

    def begin(self, *, task: str = "classification") -> None:
        """All are prepared, and off."""
        for number, lane in enumerate(self.lanes):
            one = replace(started(), parameters=PARAMETERS.get(lane.setup.preset.name, 1), input_shape=(3, 32, 32))
            one = replace(one, task=task, classes=() if task == "regression" else one.classes)
            self.write(number, one)
            self._racers[number].ready, self._racers[number]._began = True, 0.0

    def go(self, number: int, *scores: float, share: float = 0.5) -> None:
        """A lane comes so far, with these validations on the way, evenly."""
        lane, racer = self.lanes[number], self._racers[number]
        done = len(lane.history.val_loss)
        for at, score in enumerate(scores, done + 1):
            seconds = share * self.budget.amount / len(self.lanes) * (at - done) / len(scores)
            self.write(number, Stepped(10 * at, at, (score,), 9, 640, 1e-3, seconds), tried(at, score, seconds, lane.regression))
        racer.share, racer.samples = share, round(share * 100_000)
        racer.seconds = share * self.budget.amount / len(self.lanes) if self.budget.unit == "seconds" else share * 30

    def end(self, number: int, reason: str = "finished", **facts: object) -> None:
        self.write(number, replace(ended(reason), **facts))

    def finish(self, reason: str = "finished") -> None:
        """All that are left end."""
        for number, lane in enumerate(self.lanes):
            if not lane.ended:
                self.end(number, reason)
        self.running = False


def tried(epoch: int, score: float, seconds: float, regression: bool) -> Evaluated:
    """A validation; of regression the score is its loss."""
    if regression:
        return Evaluated(10 * epoch, epoch, "val", score, None, (), seconds, 0.1, True, mae=score)
    return Evaluated(10 * epoch, epoch, "val", 1 - score, score, (), seconds, 0.1, True)


def halfway(**more: object) -> MadeRace:
    """Three nets in the middle of two minutes: the cnn leads."""
    race = MadeRace(**more)
    race.begin()
    race.poll()
    race.go(0, 0.412, 0.498, 0.541, share=0.64)
    race.go(1, 0.383, 0.571, 0.642, share=0.64)
    race.go(2, 0.311, 0.604, 0.718, share=0.64)
    race.running = True
    race.poll()
    return race
