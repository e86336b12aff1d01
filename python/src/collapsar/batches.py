"""What a loader yields, handed to the model: inputs, labels, outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, Iterable, Iterator, Optional, Union

import torch
from torch import Tensor, nn

from .errors import refuse

#: Runs the model on a batch (already on its device) and returns its outputs and the labels.
Forward = Callable[[nn.Module, Any], "tuple[Any, Tensor]"]
Device = Union[torch.device, str]

#: Labels of this number are no samples, as in ``nn.CrossEntropyLoss``.
IGNORED = -100


def default_forward(model: nn.Module, batch: Any) -> tuple[Any, Tensor]:
    """``(inputs, labels)``, or a dictionary with ``labels`` whose other entries are the model's keyword arguments."""
    if isinstance(batch, Mapping):
        for key in ("labels", "label"):
            if key in batch:
                return model(**{name: value for name, value in batch.items() if name != key}), batch[key]
        return refuse("batch", 'a dictionary with "labels"', sorted(map(str, batch)), "or pass forward=")
    if isinstance(batch, Sequence) and len(batch) == 2:
        return model(batch[0]), batch[1]
    got = f"{len(batch)} parts" if isinstance(batch, Sequence) else type(batch).__name__
    return refuse(
        "batch", "(inputs, labels) or a dictionary", got, "pass forward=lambda model, batch: (model(…), labels)"
    )


def to_device(value: Any, device: Device) -> Any:
    """Every tensor of a batch on ``device``."""
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, Mapping):
        return {key: to_device(item, device) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(to_device(item, device) for item in value))
    if isinstance(value, (list, tuple)):
        return type(value)(to_device(item, device) for item in value)
    return value


def logits_of(output: Any) -> Optional[Tensor]:
    """The tensor of logits in a model's output: itself, ``.logits``, ``["logits"]`` or the first of a tuple."""
    if isinstance(output, Tensor):
        return output
    logits = getattr(output, "logits", None)
    if logits is None and isinstance(output, Mapping):
        logits = output.get("logits")
    if logits is None and isinstance(output, (list, tuple)) and len(output) > 0:
        logits = output[0]
    return logits if isinstance(logits, Tensor) else None


def class_labels(labels: Any, outputs: int) -> Tensor:
    """Labels as whole numbers, one a sample, from numbers or one-hot rows. ``outputs``: those of the head."""
    if not isinstance(labels, Tensor):
        labels = torch.as_tensor(labels)
    if labels.dim() >= 2 and labels.shape[-1] == outputs and outputs > 1 and _one_hot(labels):
        labels = labels.argmax(-1)
    elif labels.dim() >= 2 and labels.shape[-1] == 1:
        labels = labels.squeeze(-1)
    if labels.is_floating_point():
        whole = labels.round()
        if not bool((whole == labels).all()):
            refuse("labels", "class numbers or one-hot rows", "other numbers", "measure on samples of one class each")
        labels = whole
    whole_labels: Tensor = labels.to(torch.int64)
    classes = max(outputs, 2)
    wrong = whole_labels[(whole_labels != IGNORED) & ((whole_labels < 0) | (whole_labels >= classes))]
    if wrong.numel() > 0:
        refuse("labels", f"class numbers from 0 to {classes - 1}", int(wrong.flatten()[0]))
    return whole_labels


def _one_hot(rows: Tensor) -> bool:
    return bool(((rows == 0) | (rows == 1)).all()) and bool((rows.sum(-1) == 1).all())


def batches_of(loader: Iterable[Any], device: Device) -> Iterator[tuple[Any, int | None]]:
    """Each batch on the device, and how many of its samples are none: the padding of a DistributedSampler.

    The sampler repeats samples so that all ranks have as many; the repeated one is the last of a rank.
    """
    padded = _padding(loader)
    if padded == 0:
        for batch in loader:
            yield to_device(batch, device), None
        return
    iterator = iter(loader)
    try:
        batch = next(iterator)
    except StopIteration:
        return
    for following in iterator:
        yield to_device(batch, device), None
        batch = following
    yield to_device(batch, device), padded


def _padding(loader: object) -> int:
    """1 where the last sample of this rank repeats another rank's, else 0."""
    from torch.utils.data.distributed import DistributedSampler

    sampler = getattr(loader, "sampler", None)
    # A loader that drops its last batch may have dropped that sample already.
    if not isinstance(sampler, DistributedSampler) or sampler.drop_last or getattr(loader, "drop_last", False):
        return 0
    size = len(sampler.dataset)  # type: ignore[arg-type]
    last = (sampler.num_samples - 1) * sampler.num_replicas + sampler.rank
    return 1 if last >= size else 0


def is_sharded(loader: object) -> bool:
    """Whether each rank's loader is known to give samples of its own."""
    from torch.utils.data.distributed import DistributedSampler

    return isinstance(getattr(loader, "sampler", None), DistributedSampler)
