"""How many steps an optimiser makes in an epoch: what theory needs of a loss that is summed over batches."""

from __future__ import annotations

import weakref
from typing import Any, Optional

from torch.optim import Optimizer


class StepCounter:
    """Counts the steps of an optimiser, where it tells them (PyTorch 2). Nothing of a training changes."""

    def __init__(self, optimizer: Optional[Optimizer], resumed: bool) -> None:
        self._steps = 0
        self._at = 0
        # The epoch up to which steps are counted; not known of a run that goes on.
        self._epoch: Optional[int] = None if resumed else -1
        self._counts = False
        register = getattr(optimizer, "register_step_post_hook", None)
        if register is None:
            return
        own = weakref.ref(self)

        def count(*_: Any) -> None:
            counter = own()
            if counter is not None:
                counter._steps += 1

        register(count)
        self._counts = True

    def per_epoch(self, epoch: int) -> Optional[float]:
        """Steps of an epoch, the mean of those since the last call; None where they are not known, or there were none."""
        before, since = self._epoch, self._steps - self._at
        self._epoch, self._at = epoch, self._steps
        # Epochs may be numbered from 1: a first one that is not 0 leaves open how many there were.
        if not self._counts or since == 0 or before is None or epoch <= before or (before == -1 and epoch > 0):
            return None
        return since / (epoch - before)
