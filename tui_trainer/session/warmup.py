"""torch, loaded behind the first frame without freezing it."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tui_trainer.session.preflight import Device, devices
from tui_trainer.session.words import sentence


class Torch:
    """The import of torch in a thread of its own. Start it after the first frame: before, it would hold that up."""

    def __init__(self) -> None:
        self.problem = ""
        """Why torch cannot be used, in one sentence."""
        self.version = ""
        self.devices: tuple[Device, ...] = ()
        """Where this machine can train, the one that `auto` takes first; empty until that is known."""
        self._done = threading.Event()
        self._opening: threading.Thread | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Let the system load the libraries already, which takes nothing from the first frame but memory. Returns at once."""
        self._opening = threading.Thread(target=_open_libraries, name="libraries", daemon=True)
        self._opening.start()

    def start(self) -> None:
        """Begin, once. Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._load, name="torch", daemon=True)
            self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether it is there; False also when it cannot be, see `problem`."""
        return self._done.is_set() and not self.problem

    def wait(self, timeout: float) -> bool:
        """Wait until it is there, at most so many seconds."""
        self._done.wait(timeout)
        return self.ready

    def _load(self) -> None:
        try:
            if self._opening is not None:
                self._opening.join()
            else:
                _open_libraries()
            importlib.import_module("tui_trainer.engine.trainer")
            from tui_trainer.engine import optim

            self.version = str(sys.modules["torch"].__version__).partition("+")[0]
            self._done.set()
            optim.warm_up()
            with suppress(RuntimeError):  # of a driver that refuses: the trial before the run says what it says
                self.devices = tuple(devices())
        except BaseException as error:
            self.problem = f"torch cannot be loaded: {sentence(error)}"
        finally:
            self._done.set()
            collect_again()


def collect_again() -> None:
    """What was loaded stays: leaving it out of every collection spares the screen pauses of a tenth of a second."""
    if not gc.isenabled():  # whoever started us wanted the first frame soon
        gc.freeze()
        gc.enable()


def _open_libraries() -> None:
    """Open torch's largest libraries so that the screen goes on meanwhile.

    Python holds its lock while it opens a library, 0.15 s for this one. A foreign call gives the lock free, and `dlopen`
    called as one loads the same file; `import torch` then finds it loaded. Where that fails the import says why.
    """
    with suppress(OSError, AttributeError):
        _dlopen_torch()


def _dlopen_torch() -> None:
    spec = importlib.util.find_spec("torch")
    if not sys.platform.startswith("linux") or spec is None or spec.origin is None:
        return
    import ctypes

    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    for name in ("libtorch_cpu.so", "libtorch_python.so"):
        library = Path(spec.origin).parent / "lib" / name
        if library.is_file():
            dlopen(os.fsencode(library), os.RTLD_NOW | os.RTLD_LOCAL)
