"""A callback for Lightning: ``Trainer(callbacks=[MonitorCallback(run="runs/mine", loss="ce")])``."""

from __future__ import annotations

from typing import Any

try:
    from lightning.pytorch import Callback
except ImportError:
    from pytorch_lightning import Callback  # type: ignore[assignment]

from .monitor import Monitor


class MonitorCallback(Callback):
    """Measures the module after each training epoch that is due; arguments are those of :class:`collapsar.Monitor`.

    The module's ``forward`` gives the logits. ``train`` and ``test`` are loaders to measure on; by default those of the trainer.
    """

    def __init__(self, run: str, *, train: Any = None, test: Any = None, **arguments: Any) -> None:
        super().__init__()
        self._run, self._train, self._test, self._arguments = run, train, test, arguments
        self.monitor: Monitor | None = None

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Called by Lightning."""
        if self.monitor is None:
            optimizer = trainer.optimizers[0] if trainer.optimizers else None
            arguments = {"optimizer": optimizer, "epochs": trainer.max_epochs, **self._arguments}
            self.monitor = Monitor(pl_module, self._run, **arguments)
        test = self._test if self._test is not None else _first(trainer.val_dataloaders)
        train = self._train if self._train is not None else trainer.train_dataloader
        self.monitor.epoch(trainer.current_epoch, train=train, test=test)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Called by Lightning where training ends, early too."""
        if self.monitor is not None:
            self.monitor.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Called by Lightning where it fails, or is interrupted."""
        if self.monitor is not None:
            self.monitor.end(failed=True)


def _first(loaders: Any) -> Any:
    return loaders[0] if isinstance(loaders, (list, tuple)) and loaders else loaders or None
