"""``Monitor``: measures a network from inside its training.

It collects class statistics in evaluation mode and writes them to a folder; ``collapsar measure FOLDER`` makes NC1 … NC4 of them.
"""

from __future__ import annotations

import os
import time
import warnings
from typing import Any, Iterable, Optional

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from . import __version__, ranks
from .batches import Forward, batches_of, default_forward
from .ends import Ending
from .errors import MeasureError, refuse
from .folder import RunFolder
from .gather import Gathered, Network, gather
from .head import HeadNames, find_head
from .measures import check_split, measures_of
from .schedule import Every, check_every, is_due
from .setting import Loss, describe_head, describe_loss, describe_optimizer, group_settings, plain_optimizer
from .steps import StepCounter
from .taps import Layers, Taps
from .undisturbed import plain_model, undisturbed

#: Bytes of the network's outputs that are kept between the two passes.
MEMORY = 512 * 2**20


class Monitor:
    """Collects the statistics of neural collapse over the epochs of a training.

    Args:
        model: the network; inside DistributedDataParallel or compiled is fine.
        run: the folder to write. A run that is there is refused, unless ``resume``.
        head: name or names of the last linear layers, nearest the features first; found by one batch if left out.
        features: name of the layer whose output a named head reads, where the head is not called as a layer (a cosine head).
        loss: the loss object, or ``"ce"``, ``"mse:mean"`` (``nn.MSELoss()``), ``"mse:sum"``, ``"mse:paper"``: what theory needs.
        optimizer: for the weight decay of each parameter.
        layers: names of backbone layers to measure too; maps are averaged over positions, or ``{name: function}``.
        every: ``"log"`` (eight times between an epoch and ten times it), each n-th epoch, or a list of epochs.
        epochs: how many there will be, so that the last is measured, and the run then says that training has ended.
        forward: ``forward(model, batch) -> (logits, labels)`` where batches are not ``(inputs, labels)`` or a dictionary.
        memory: bytes of outputs kept between two passes; beyond that the network runs twice.
        batch_size: samples a training step, over all ranks: what theory needs of a loss that is summed over batches (PyTorch 2 tells
            the steps of an epoch, which are enough), or averaged with class weights.
        class_names: words for the classes.
        resume: go on with the run in the folder.

    Raises:
        InputError: for a head that cannot be found or is none, a folder that is in use, a loss by an unknown word.
    """

    def __init__(
        self,
        model: nn.Module,
        run: str | os.PathLike[str],
        *,
        head: HeadNames = None,
        features: Optional[str] = None,
        loss: Loss = None,
        optimizer: Optional[Optimizer] = None,
        layers: Layers = (),
        every: Every = "log",
        epochs: Optional[int] = None,
        forward: Optional[Forward] = None,
        memory: int = MEMORY,
        batch_size: Optional[int] = None,
        class_names: Optional[Iterable[str]] = None,
        resume: bool = False,
    ) -> None:
        self._model = plain_model(model)
        if type(self._model).__name__ == "FullyShardedDataParallel":
            refuse(
                "model",
                "parameters that a rank holds whole",
                "FullyShardedDataParallel",
                "measure a checkpoint instead",
            )
        self._names, self._features = head, features
        self._loss = describe_loss(loss)
        self._optimizer = plain_optimizer(optimizer)
        self._taps = Taps(self._model, layers)
        self._every = check_every(every)
        self._epochs = epochs
        self._forward = forward or default_forward
        self._memory = memory
        if batch_size is not None and batch_size < 1:
            refuse("batch_size", "a whole number from 1", batch_size)
        self._batch_size = batch_size
        self._class_names = None if class_names is None else list(class_names)
        self._network: Optional[Network] = None
        self._begun = -1
        # The last epoch that was called, and the last that was measured.
        self._last = -1
        self._measured = -1
        # Why there were no measures, once each.
        self._said: set[str] = set()
        # Rank 0 alone writes.
        self._folder = RunFolder(run, resume) if ranks.rank() == 0 else None
        self._steps = StepCounter(self._optimizer, resume)
        self._ending: Optional[Ending] = None
        self.run = os.fspath(run)

    def epoch(
        self,
        epoch: int,
        *,
        train: Iterable[Any],
        test: Optional[Iterable[Any]] = None,
        force: bool = False,
    ) -> bool:
        """Measures after this epoch if it is due; returns whether it was. On every rank of a distributed training.

        ``train`` and ``test`` are loaders, or anything that can be iterated over twice; without augmentation they give the
        features that theory speaks of. Epochs ascend: one that goes back is refused, and after ``resume`` the first one drops those
        from it on, with a warning. The model, its modes, all random numbers and the loaders' generators are left as they were.
        """
        if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 0:
            refuse("epoch", "a whole number from 0", repr(epoch))
        self._check_order(epoch)
        steps = self._steps.per_epoch(epoch)
        self._goes_on(epoch)
        self._last = epoch
        if not force and not is_due(epoch, self._every, self._epochs):
            return False
        started = time.perf_counter()
        with undisturbed(self._model, [train, test]):
            network = self._network or self._begin(train)
            self._network = network
            trained = gather(network, train, self._memory)
            tested = None
            if test is not None and trained.tensors is not None:
                tested = gather(network, test, self._memory, trained.nearest)
        self._measured = epoch
        self._write(epoch, network, trained, tested, {"seconds": round(time.perf_counter() - started, 4), "steps": steps})
        if self._ending is not None and self._epochs is not None and epoch == self._epochs - 1:
            self._ending.mark("epochs")
        return True

    def end(self, *, failed: bool = False) -> None:
        """Says in the folder that training has ended, for who stops early or in a notebook; ``failed``: that an exception stopped it.

        The last of ``epochs=`` says it too, and the end of the program where no more epochs were announced. A later ``epoch()``
        takes it back.
        """
        if self._ending is not None:
            self._ending.mark("exception" if failed else "said")

    def measures(self, split: str = "train") -> Optional[dict[str, Any]]:
        """The measures of the last epoch, as ``collapsar measure --json`` gives them: a dictionary with ``epoch``, ``nc1``, …

        Needs Node and the ``collapsar`` command (on the PATH, in ``node_modules``, or the path in the environment variable
        COLLAPSAR); on rank 0. None where there are none, with a warning that says why, once for each reason: no training ends by it.
        """
        check_split(split)
        try:
            return measures_of(self.run, split)
        except MeasureError as error:
            if str(error) not in self._said:
                self._said.add(str(error))
                warnings.warn(f"collapsar: no measures: {error}", stacklevel=2)
            return None

    def _check_order(self, epoch: int) -> None:
        """Numbers that go back would take the place of what is measured."""
        if epoch < self._last or epoch == self._measured:
            refuse(
                "epoch",
                f"a number above {self._last}, the last one",
                epoch,
                "number a second phase onwards; give another training a Monitor and a folder of its own; where this one goes "
                "back to a checkpoint, make a new Monitor(…, resume=True), which drops the epochs from there on",
            )

    def _goes_on(self, epoch: int) -> None:
        """Training has come to the end of an epoch, measured or not."""
        if self._folder is None:
            return
        if self._ending is None:
            self._ending = Ending(self._folder, self._epochs)
            self._folder.cut_torn()
        self._folder.go_on()
        self._ending.after(epoch)

    def _begin(self, train: Iterable[Any]) -> Network:
        """Finds the head on the first batch."""
        device = next((p.device for p in self._model.parameters()), torch.device("cpu"))
        for batch, _ in batches_of(train, device):
            head = find_head(self._model, self._names, self._forward, batch, self._features)
            return Network(self._model, self._forward, head, self._taps, device)
        return refuse("train", "a loader with at least one batch", "an empty one")

    def _describe(self, network: Network, trained: Gathered) -> None:
        head = network.head
        assert self._folder is not None
        self._folder.describe(
            {
                "collapsar": __version__,
                "torch": torch.__version__,
                "device": str(network.device),
                "classes": network.classes,
                "outputs": head.outputs,
                "classNames": self._class_names,
                "head": describe_head(head, self._optimizer),
                "headIsLast": head.is_last,
                "headIsChain": head.is_chain,
                "dropout": [{"name": name, "p": p} for name, p in head.dropout],
                "layers": [
                    {"name": name, "place": place, "dimension": size, "pooling": network.taps.pooling.get(name)}
                    for name, place, size in trained.layers
                ],
                "loss": self._loss,
                "optimizer": describe_optimizer(self._optimizer, self._model),
            }
        )

    def _write(
        self,
        epoch: int,
        network: Network,
        trained: Gathered,
        tested: Optional[Gathered],
        told: dict[str, Any],
    ) -> None:
        folder = self._folder
        if folder is None:
            return
        if self._begun < 0:
            self._describe(network, trained)
        dropped = folder.forget_from(epoch)
        if len(dropped) > 0:
            warnings.warn(
                f"collapsar, epoch {epoch}: training went back, and what was measured at epoch "
                f"{', '.join(str(number) for number in dropped)} of {self.run} is dropped",
                stacklevel=3,
            )
        self._begun = epoch
        notes = [f"train: {note}" for note in trained.notes]
        notes += [] if tested is None else [f"test: {note}" for note in tested.notes]
        if trained.tensors is None:
            notes.append("the features are not finite")
        for note in notes:
            warnings.warn(f"collapsar, epoch {epoch}: {note}", stacklevel=3)
        record = {
            **told,
            "samples": {"train": trained.samples, "test": None if tested is None else tested.samples},
            "passes": {"train": trained.passes, "test": None if tested is None else tested.passes},
            "batch": self._batch_size,
            "ranks": ranks.world(),
            "precision": trained.precision,
            "groups": None if self._optimizer is None else group_settings(self._optimizer),
            "notes": notes,
        }
        folder.add(epoch, record, None if trained.tensors is None else _tensors(network, trained, tested))


def _tensors(network: Network, trained: Gathered, tested: Optional[Gathered]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for m, (W, b) in enumerate(zip(network.head.weights(), network.head.biases())):
        tensors[f"head.{m}.weight"] = W
        if b is not None:
            tensors[f"head.{m}.bias"] = b
    for split, gathered in (("train", trained), ("test", tested)):
        if gathered is not None and gathered.tensors is not None:
            tensors.update({f"{split}.{name}": part for name, part in gathered.tensors.items()})
    tensors.update({f"sample.{name}": part for name, part in trained.sample.items()})
    return tensors
