"""What a training minimises, as far as its loss and its optimiser say: plain data for ``collapsar.json``.

Nothing is guessed. Without a loss object or an optimiser the entries are null, and the reader makes no prediction or asks.
"""

from __future__ import annotations

from typing import Any, Optional, Union

from torch import Tensor, nn
from torch.optim import Optimizer

from .batches import IGNORED
from .errors import refuse
from .head import Head
from .undisturbed import plain_name

Loss = Union[str, nn.Module, None]

#: Losses by word. ``mse`` alone would leave open which of three.
_WORDS: dict[str, dict[str, Any]] = {
    "ce": {"name": "ce", "reduction": "mean"},
    "mse:mean": {"name": "mse", "reduction": "mean"},
    "mse:sum": {"name": "mse", "reduction": "sum"},
    "mse:paper": {"name": "mse", "reduction": "paper"},
}


def describe_loss(loss: Loss, label_smoothing: Optional[float] = None) -> Optional[dict[str, Any]]:
    """``name`` (``ce``, ``mse``, ``bce`` or ``other``), ``reduction``, ``labelSmoothing``, ``classWeights``, ``module``.

    ``mse:mean`` is ``nn.MSELoss()`` on one-hot targets, which averages over N·K numbers; ``mse:sum`` is
    ``nn.MSELoss(reduction="sum")`` over each batch; ``mse:paper`` is 1/(2N)·Σ‖z − y‖².
    """
    blank = {"labelSmoothing": label_smoothing or 0.0, "classWeights": None, "module": None}
    if loss is None:
        return None
    if isinstance(loss, str):
        if loss not in _WORDS:
            hint = "mean is nn.MSELoss(), sum is reduction='sum', paper is 1/(2N)·Σ‖z − y‖²" if loss == "mse" else None
            refuse("loss", " or ".join(f'"{word}"' for word in _WORDS) + " or an nn.Module", repr(loss), hint)
        return {**blank, **_WORDS[loss]}
    module = type(loss).__name__
    reduction = getattr(loss, "reduction", None)
    if isinstance(loss, nn.CrossEntropyLoss):
        ignored = loss.ignore_index
        if ignored != IGNORED and ignored >= 0:
            refuse(
                "loss", f"ignore_index={IGNORED} or below 0", ignored, "leave samples of that class out of the loader"
            )
        weight = loss.weight
        return {
            "name": "ce",
            "reduction": reduction,
            "labelSmoothing": float(loss.label_smoothing),
            "classWeights": None if weight is None else [float(w) for w in weight],
            "module": module,
        }
    if isinstance(loss, nn.MSELoss):
        return {**blank, "name": "mse", "reduction": reduction, "module": module}
    if isinstance(loss, (nn.BCEWithLogitsLoss, nn.BCELoss)):
        return {**blank, "name": "bce", "reduction": reduction, "module": module}
    return {**blank, "name": "other", "reduction": reduction if isinstance(reduction, str) else None, "module": module}


def describe_optimizer(optimizer: Optional[Optimizer], model: nn.Module) -> Optional[dict[str, Any]]:
    """Its class, whether its decay is decoupled (AdamW), and its groups with the names of their parameters."""
    if optimizer is None:
        return None
    names = {id(parameter): plain_name(name) for name, parameter in model.named_parameters()}
    groups = []
    for group, rates in zip(optimizer.param_groups, group_settings(optimizer)):
        known = [names.get(id(parameter)) for parameter in group["params"]]
        groups.append(
            {**rates, "parameters": [name for name in known if name is not None], "others": known.count(None)}
        )
    decoupled = type(optimizer).__name__ == "AdamW" or any(
        bool(group.get("decoupled_weight_decay", False)) for group in optimizer.param_groups
    )
    return {"name": type(optimizer).__name__, "decoupled": decoupled, "groups": groups}


def group_settings(optimizer: Optimizer) -> list[dict[str, Any]]:
    """Learning rate, decay and momentum of each group as they are now; null where an optimiser has none."""
    return [
        {
            "learningRate": _number(group.get("lr")),
            "weightDecay": _number(group.get("weight_decay")),
            "momentum": _number(group.get("momentum")),
        }
        for group in optimizer.param_groups
    ]


def describe_head(head: Head, optimizer: Optional[Optimizer]) -> list[dict[str, Any]]:
    """Each layer's name, size and decays: of its weight and of its bias, null where no group has it."""
    decays: dict[int, Optional[float]] = {}
    if optimizer is not None:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                decays[id(parameter)] = _number(group.get("weight_decay"))
    described = []
    for name, layer, weight in zip(head.names, head.layers, head.weights()):
        parameters = {key: decays.get(id(value)) for key, value in layer.named_parameters(recurse=False)}
        described.append(
            {
                "name": name,
                "inputs": weight.shape[1],
                "outputs": weight.shape[0],
                "bias": isinstance(getattr(layer, "bias", None), Tensor),
                "weightDecay": parameters.get("weight"),
                "biasDecay": parameters.get("bias"),
            }
        )
    return described


def _number(value: object) -> Optional[float]:
    if isinstance(value, Tensor) and value.numel() == 1:
        return float(value)
    return float(value) if isinstance(value, (int, float)) else None
