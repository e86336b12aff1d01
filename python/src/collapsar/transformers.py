"""A callback for the Trainer of Hugging Face: ``Trainer(…, callbacks=[MonitorCallback(run="runs/mine", loss="ce")])``."""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainerCallback

from .errors import refuse
from .monitor import Monitor


class MonitorCallback(TrainerCallback):
    """Measures the model after each epoch that is due; arguments are those of :class:`collapsar.Monitor`.

    ``train`` and ``test`` are loaders to measure on; by default those of the trainer.
    """

    def __init__(self, run: str, *, train: Any = None, test: Any = None, **arguments: Any) -> None:
        self._run, self._train, self._test, self._arguments = run, train, test, arguments
        self.monitor: Monitor | None = None

    def on_epoch_end(self, args: Any, state: Any, control: Any, **objects: Any) -> None:
        """Called by the Trainer."""
        if self.monitor is None:
            epochs = round(state.num_train_epochs) if state.num_train_epochs else None
            arguments = {"optimizer": objects.get("optimizer"), "epochs": epochs, **self._arguments}
            self.monitor = Monitor(objects["model"], self._run, **arguments)
        train = self._train if self._train is not None else objects.get("train_dataloader")
        test = self._test if self._test is not None else objects.get("eval_dataloader")
        if train is None:
            refuse("train", "a loader to measure on", "none", "pass train= to the callback")
        # `max_steps` may stop within an epoch, which then ends there.
        self.monitor.epoch(max(0, math.ceil(state.epoch - 1e-6) - 1), train=train, test=test)

    def on_train_end(self, args: Any, state: Any, control: Any, **objects: Any) -> None:
        """Called by the Trainer where training ends, early too; not where it fails."""
        if self.monitor is not None:
            self.monitor.end()
