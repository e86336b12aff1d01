"""How a training ended, as the folder of its run is told: once, and nothing where a kill ends it.

A training that is marked by nobody is marked when the program ends, unless more epochs were announced: it may have failed, and the
program gone on. In a notebook or an interactive session the end of the
program says nothing of the training, and only ``epochs=`` and ``Monitor.end()`` do.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import Optional

from .folder import RunFolder, Why


class Ending:
    """Of one run. A later one of the same folder takes its place."""

    def __init__(self, folder: RunFolder, epochs: Optional[int]) -> None:
        self._folder = folder
        self._epochs = epochs
        self._process = os.getpid()
        self._epoch = 0
        _open[os.path.abspath(folder.path)] = self

    def after(self, epoch: int) -> None:
        """Training has come to the end of this epoch, measured or not."""
        self._epoch = epoch
        _open[os.path.abspath(self._folder.path)] = self

    def mark(self, why: Why) -> None:
        """Writes the mark, unless the training was marked already and has not gone on since."""
        if _open.get(os.path.abspath(self._folder.path)) is self:
            del _open[os.path.abspath(self._folder.path)]
            self._folder.end(why, self._epoch)

    def at_exit(self, why: Why) -> None:
        """The same at the end of the program that began it; a folder that is gone by then is left alone."""
        # A process that was forked from the training ends before it.
        if os.getpid() != self._process:
            return
        if why == "exit" and self._epochs is not None and self._epoch < self._epochs - 1:
            return
        try:
            self.mark(why)
        except OSError:
            pass


_open: dict[str, Ending] = {}


@atexit.register
def _at_exit() -> None:
    if hasattr(sys, "ps1") or sys.flags.interactive:
        return
    # Set by an exception that nobody caught, Ctrl-C among them.
    why: Why = "exit" if getattr(sys, "last_type", None) is None else "exception"
    for ending in list(_open.values()):
        ending.at_exit(why)
