"""The two passes over a loader that gather the statistics of every layer.

The network runs once where its outputs fit into ``memory`` between the passes, and twice otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Optional, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import ranks
from .batches import IGNORED, Forward, batches_of, class_labels, is_sharded, logits_of
from .errors import refuse
from .head import Head, head_inputs
from .statistics import LayerStatistics, NearestMean
from .taps import Taps

#: Samples of which features, logits and labels are kept, to check the head.
KEPT_ROWS = 64
#: Of top-5 accuracy.
PLACES = 5
#: Beyond this share of the largest mean, two passes saw other samples.
DRIFT = 1e-6
FEATURES = "features"


@dataclass
class Network:
    """What is run: the plain model, how, its head and the backbone layers to look at."""

    model: nn.Module
    forward: Forward
    head: Head
    taps: Taps
    device: torch.device

    @property
    def classes(self) -> int:
        """K: outputs of the head, or two for one logit."""
        return max(self.head.outputs, 2)


@dataclass
class Evaluated:
    """A batch after the network: rows of each tapped layer, what the network chose, where the label is among its five largest
    logits (None of five or fewer), the logits, and the labels."""

    rows: dict[str, Tensor]
    chosen: Tensor
    among_five: Optional[Tensor]
    logits: Tensor
    labels: Tensor


@dataclass
class Gathered:
    """Statistics of one set of samples. ``tensors`` is None where a mean is not finite."""

    tensors: Optional[dict[str, Tensor]]
    samples: int
    passes: int
    notes: list[str] = field(default_factory=list)
    sample: dict[str, Tensor] = field(default_factory=dict)
    nearest: list[NearestMean] = field(default_factory=list)
    layers: list[tuple[str, str, int]] = field(default_factory=list)
    #: In which the network gave its features, and whether a GPU rounded products to fewer digits than that.
    precision: dict[str, Any] = field(default_factory=dict)


def layer_sizes(network: Network, evaluated: Evaluated) -> list[tuple[str, str, int]]:
    """Name, place and d of each layer that is measured: backbone, features, then the outputs z1 … zM of the head."""
    sizes = [(name, "backbone", evaluated.rows[name].shape[1]) for name in network.taps.names]
    sizes.append((FEATURES, "features", network.head.dimension))
    return sizes + [(f"z{m}", "head", W.shape[0]) for m, W in enumerate(network.head.weights(), 1)]


def evaluate(network: Network, loader: Iterable[Any]) -> Iterator[Evaluated]:
    """Runs the network over a loader (in evaluation mode, without gradients)."""
    with head_inputs(network.head) as inputs, network.taps.outputs() as tapped:
        for batch, padded in batches_of(loader, network.device):
            inputs.clear()
            tapped.clear()
            yield _evaluated(network, batch, inputs, tapped, padded)


def _evaluated(
    network: Network, batch: Any, inputs: list[Tensor], tapped: dict[str, Tensor], padded: int | None
) -> Evaluated:
    output, given = network.forward(network.model, batch)
    logits = logits_of(output)
    if logits is None:
        return refuse("model", "an output of logits", type(output).__name__)
    if len(inputs) != 1:
        name = network.head.names[0] if network.head.source is None else network.head.source[0]
        refuse(name, "a layer that a forward pass uses once", f"{len(inputs)} uses")
    labels = class_labels(given, network.head.outputs).to(logits.device)
    features = inputs[0]
    if features.shape[-1] != network.head.dimension:
        refuse("features", f"rows of {network.head.dimension}, which the head reads", f"rows of {features.shape[-1]}")
    if features.dim() > 2 and features.shape[:-1] != labels.shape:
        refuse(
            "features",
            "one row for each label at the head",
            f"{tuple(features.shape[:-1])} rows for {tuple(labels.shape)} labels",
            "let the head see one row a sample",
        )
    features = features.reshape(-1, features.shape[-1])
    labels = labels.reshape(-1)
    logits = logits.detach().reshape(-1, logits.shape[-1]) if logits.dim() > 1 else logits.detach().reshape(-1, 1)
    rows = {**tapped, FEATURES: features}
    for name in [*network.taps.names, FEATURES]:
        if name not in rows:
            refuse(f"layers {name}", "a layer that a forward pass uses", "one that it does not")
        if len(rows[name]) != len(labels):
            refuse(name, f"one row for each of {len(labels)} labels", f"{len(rows[name])} rows")
    if len(logits) != len(labels):
        refuse("logits", f"one row for each of {len(labels)} labels", f"{len(logits)} rows")
    chosen = (logits[:, 0] > 0).to(torch.int64) if logits.shape[1] == 1 else logits.argmax(1)
    valid = labels != IGNORED
    if padded is not None:
        valid[len(valid) - padded :] = False
    if not bool(valid.all()):
        rows = {name: part[valid] for name, part in rows.items()}
        chosen, logits, labels = chosen[valid], logits[valid], labels[valid]
    return Evaluated(rows, chosen, _among_five(logits, labels), logits, labels)


def _among_five(logits: Tensor, labels: Tensor) -> Optional[Tensor]:
    """B truths: fewer than five logits come before that of the label (larger ones, and of equal ones the lower numbers)."""
    classes = logits.shape[1]
    if classes <= PLACES:
        return None
    own = logits.gather(1, labels.unsqueeze(1))
    lower = torch.arange(classes, device=logits.device) < labels.unsqueeze(1)
    # What is not a number comes before all others, and is right itself nowhere.
    before = ~(logits < own) & ~((logits == own) & ~lower)
    before.scatter_(1, labels.unsqueeze(1), False)
    return (before.sum(1) < PLACES) & ~own.squeeze(1).isnan()


def gather(
    network: Network, loader: Iterable[Any], memory: int, trained: Optional[list[NearestMean]] = None
) -> Gathered:
    """Gathers a set of samples. ``memory``: bytes of outputs kept between the passes; ``trained``: the training means, for test
    samples, whose nearest class mean is that of the training set."""
    return _Gathering(network, loader, memory, trained).run()


class _Gathering:
    def __init__(
        self, network: Network, loader: Iterable[Any], memory: int, trained: Optional[list[NearestMean]]
    ) -> None:
        self.network = network
        self.loader = loader
        self.memory = memory
        self.trained = trained
        self.device = float64_device(network.device)
        self.layers: list[LayerStatistics] = []
        self.weights = [self._double(W) for W in network.head.weights()]
        self.biases = [None if b is None else self._double(b) for b in network.head.biases()]
        self.correct = torch.zeros(network.classes, dtype=torch.float64, device=self.device)
        #: Of each class, samples whose label is among the five largest logits; None of five classes or fewer.
        self.among_five = torch.zeros_like(self.correct) if network.head.outputs > PLACES else None
        self.outcome = Gathered(None, 0, 1)
        #: Every rank has all samples, or there is one rank: nothing is summed over ranks.
        self.alone = True

    def run(self) -> Gathered:
        held = self._first_pass()
        outcome = self.outcome
        self._sum_first()
        counts = self.layers[0].counts
        outcome.samples = int(counts.sum())
        if outcome.samples == 0:
            refuse("loader", "at least one labelled sample", "none")
        trained: Sequence[Optional[NearestMean]] = self.trained or [None] * len(self.layers)
        finite = [layer.close_sums(mean) for layer, mean in zip(self.layers, trained)]
        if not all(finite):
            return outcome
        nearest = self.trained or [NearestMean(layer.means, layer.counts) for layer in self.layers]
        for batch in held if held is not None else self._batches():
            for layer, x, mean in zip(self.layers, self._rows(batch), nearest):
                layer.add_deviations(x, batch.labels)
                layer.add_nearest(x, batch.labels, batch.chosen, mean)
            self.correct.index_add_(0, batch.labels, (batch.chosen == batch.labels).to(torch.float64))
            if self.among_five is not None and batch.among_five is not None:
                self.among_five.index_add_(0, batch.labels, batch.among_five.to(torch.float64))
        for layer in self.layers:
            self._sum(layer.second_sums())
        self._sum([self.correct] if self.among_five is None else [self.correct, self.among_five])
        drift = max(layer.drift() for layer in self.layers)
        if drift > DRIFT:
            outcome.notes.append(
                f"the loader gave other samples in the second pass (class means moved by {drift:.1e} of the largest): "
                "give one without augmentation and without drop_last, or more memory="
            )
        outcome.nearest = nearest
        outcome.tensors = {"counts": counts.to(torch.int64), "correct": self.correct.to(torch.int64)}
        if self.among_five is not None:
            outcome.tensors["amongFive"] = self.among_five.to(torch.int64)
        for i, layer in enumerate(self.layers):
            outcome.tensors.update({f"{i}.{name}": part for name, part in layer.tensors().items()})
        return outcome

    def _first_pass(self) -> Optional[list[Evaluated]]:
        """Sums of each class; returns the batches where they fit into the memory on every rank."""
        held: Optional[list[Evaluated]] = []
        size = 0
        for batch in self._batches():
            if len(self.layers) == 0:
                self._open(batch)
            self._keep_sample(batch)
            # Means of the head's outputs follow from those of the features: no product for each sample.
            for layer, name in zip(self.layers, [*self.network.taps.names, FEATURES]):
                layer.add_sums(self._double(batch.rows[name]), batch.labels)
            if held is not None:
                size += sum(part.numel() * part.element_size() for part in batch.rows.values())
                batch.logits = batch.logits[:0]
                held.append(batch)
                held = held if size <= self.memory else None
        if ranks.any_over_ranks(held is None, self.network.device):
            held = None
            self.outcome.passes = 2
        return held

    def _open(self, batch: Evaluated) -> None:
        self.outcome.layers = layer_sizes(self.network, batch)
        features = batch.rows[FEATURES]
        self.outcome.precision = {
            "features": str(features.dtype).replace("torch.", ""),
            "autocast": _autocast(features.device.type),
            "tf32": features.is_cuda and _tf32(),
        }
        self.layers = [
            LayerStatistics(name, size, self.network.classes, self.device) for name, _, size in self.outcome.layers
        ]

    def _batches(self) -> Iterator[Evaluated]:
        for batch in evaluate(self.network, self.loader):
            batch.labels = batch.labels.to(self.device)
            batch.chosen = batch.chosen.to(self.device)
            batch.among_five = None if batch.among_five is None else batch.among_five.to(self.device)
            yield batch

    def _sum_first(self) -> None:
        """Sums over ranks, where they have samples of their own."""
        if ranks.any_over_ranks(len(self.layers) == 0, self.network.device):
            refuse("loader", "at least one sample on each rank", "none")
        measured = self.layers[: len(self.network.taps.names) + 1]
        if ranks.world() > 1:
            self._merge(measured)
        z, counts = measured[-1].first_means(), measured[-1].counts
        for layer, W, b in zip(self.layers[len(measured) :], self.weights, self.biases):
            z = functional.linear(z, W, b)
            layer.set_first(z, counts)

    def _merge(self, measured: Sequence[LayerStatistics]) -> None:
        # Loaders that nobody divided give every rank all samples, which then count once.
        print_of = torch.cat([layer.counts for layer in measured] + [layer.means.norm(dim=1) for layer in measured])
        if not is_sharded(self.loader) and not ranks.differ_over_ranks(print_of, self.network.device):
            self.outcome.notes.append(f"each of {ranks.world()} ranks saw all samples: counted once")
            return
        self.alone = False
        for layer in measured:
            self._sum(layer.first_sums())

    def _sum(self, tensors: list[Tensor]) -> None:
        if not self.alone:
            ranks.sum_over_ranks(tensors, self.network.device)

    def _keep_sample(self, batch: Evaluated) -> None:
        sample = self.outcome.sample
        left = KEPT_ROWS - (len(sample["labels"]) if sample else 0)
        if left <= 0:
            return
        parts = {"features": batch.rows[FEATURES], "logits": batch.logits, "labels": batch.labels}
        for name, part in parts.items():
            part = part[:left].cpu()
            sample[name] = torch.cat([sample[name], part]) if name in sample else part

    def _rows(self, batch: Evaluated) -> Iterator[Tensor]:
        """Rows of each layer in float64: of the backbone, the features, and the outputs of the head made from them."""
        for name in self.network.taps.names:
            yield self._double(batch.rows[name])
        z = self._double(batch.rows[FEATURES])
        yield z
        for W, b in zip(self.weights, self.biases):
            z = functional.linear(z, W, b)
            yield z

    def _double(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.device).to(torch.float64)


def float64_device(device: torch.device) -> torch.device:
    """Where sums in float64 are formed: the model's device, or the processor where it has no float64."""
    return torch.device("cpu") if device.type == "mps" else device


def _autocast(device: str) -> bool:
    """Whether autocast is in force for a type of device."""
    try:
        return torch.is_autocast_enabled(device)
    except TypeError:  # before PyTorch 2.4 each device has a function of its own
        return torch.is_autocast_cpu_enabled() if device == "cpu" else torch.is_autocast_enabled()


def _tf32() -> bool:
    """Whether products or convolutions of float32 keep ten bits of it alone."""
    try:
        return bool(torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32)
    except RuntimeError:
        # Set by the newer names, which cannot be read by the older ones.
        return True
