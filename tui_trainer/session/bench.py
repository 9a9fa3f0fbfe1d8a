"""A bench from outside: everything that a run would write goes into a folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tui_trainer import paths
from tui_trainer.bottleneck import Benched
from tui_trainer.runs import log
from tui_trainer.session.recorder import Recorder
from tui_trainer.session.setup import Setup
from tui_trainer.session.words import sentence


class BenchError(Exception):
    """It could not be measured; one sentence."""


class GivenUp(Exception):
    """Nobody wants to know any more."""


def bench(setup: Setup, *, seconds: float, say: Callable[[str], None], wanted: Callable[[], bool]) -> Benched:
    """Measure this setup here and now. Raises BenchError, or GivenUp soon after it is not `wanted` any more."""

    def check() -> None:
        if not wanted():
            raise GivenUp

    say("loading torch")
    from tui_trainer.engine import bench as engine  # over a second of torch: paid only by whoever measures

    try:
        with tempfile.TemporaryDirectory(prefix="tui-trainer-bench-") as folder, log.Writer(Path(folder) / "events.jsonl") as write:
            return engine.measure(
                setup.config,
                preset_file=setup.preset.path,
                tutorial_file=paths.tutorial(),
                datasets_home=paths.datasets(),
                folder=Path(folder) / "checkpoints",
                seconds=seconds,
                emit=Recorder(write, ()),
                say=say,
                check=check,
            )
    except GivenUp:
        raise
    except Exception as error:
        raise BenchError(sentence(error, setup.preset.path)) from error
