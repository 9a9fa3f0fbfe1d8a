"""A new run: its folder, the weights that it begins with, and what is to be changed in it on the way."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tui_trainer import paths
from tui_trainer.checkpoints import FROM
from tui_trainer.events import LearningRateChanged, SettingChanged
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.setup import Setup
from tui_trainer.session.weights import weights

Change = LearningRateChanged | SettingChanged


def create(setup: Setup, *, steering: Sequence[Change] = (), preset_file: Path | None = None) -> Run:
    """Make a run that is ready to start. `steering` are changes to repeat at their steps; `preset_file` is trained in place
    of the preset as it is now. Raises StoreError."""
    run = store.create(setup.config, preset_file or setup.preset.path)
    try:
        if setup.config.start_from:
            shutil.copyfile(weights(store.find(setup.config.start_from)), run.checkpoints / FROM)
        if steering:
            run.steering.write_text("".join(log.encode(one) + "\n" for one in steering), encoding="utf-8")
    except OSError as error:
        store.delete(run)
        raise StoreError(f"no run can be made in {paths.short(run.folder.parent)}: {error.strerror or error}") from error
    except StoreError:
        store.delete(run)
        raise
    return run


def changes(run: Run) -> list[Change]:
    """What is to be repeated in a run, in its order."""
    return [event for event in log.Tail(run.steering)(1 << 30) if isinstance(event, LearningRateChanged | SettingChanged)]
