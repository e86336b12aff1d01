"""What a training minimises, as far as its loss and its optimiser say: plain data for ``collapsar.json``.

Nothing is guessed. Without a loss object or an optimiser the entries are null, and the reader makes no prediction or asks.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional, Union

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from .batches import IGNORED
from .errors import refuse
from .head import Head
from .undisturbed import plain_name

Loss = Union[str, nn.Module, Callable[..., Tensor], None]

#: Losses by word. ``mse`` alone would leave open which of three.
_WORDS: dict[str, dict[str, Any]] = {
    "ce": {"name": "ce", "reduction": "mean"},
    "mse:mean": {"name": "mse", "reduction": "mean"},
    "mse:sum": {"name": "mse", "reduction": "sum"},
    "mse:paper": {"name": "mse", "reduction": "paper"},
}


def describe_loss(loss: Loss, label_smoothing: Optional[float] = None) -> Optional[dict[str, Any]]:
    """``name`` (``ce``, ``nll``, ``mse``, ``bce`` or ``other``), ``reduction``, ``labelSmoothing``, ``classWeights``, ``module``.

    ``nn.NLLLoss`` is ``nll``: cross-entropy where the network returns log-probabilities. Functions of
    ``torch.nn.functional``, also in a ``functools.partial``, stand for their modules.

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
    if not isinstance(loss, nn.Module):
        function = _module_of(loss)
        if function is None:
            return {**blank, "name": "other", "reduction": None, "module": getattr(loss, "__name__", type(loss).__name__)}
        loss = function
    module = type(loss).__name__
    reduction = getattr(loss, "reduction", None)
    if isinstance(loss, (nn.CrossEntropyLoss, nn.NLLLoss)):
        ignored = loss.ignore_index
        if ignored != IGNORED and ignored >= 0:
            refuse(
                "loss", f"ignore_index={IGNORED} or below 0", ignored, "leave samples of that class out of the loader"
            )
        weight = loss.weight
        return {
            "name": "nll" if isinstance(loss, nn.NLLLoss) else "ce",
            "reduction": reduction,
            "labelSmoothing": float(getattr(loss, "label_smoothing", 0.0)),
            "classWeights": None if weight is None else [float(w) for w in weight],
            "module": module,
        }
    if isinstance(loss, nn.MSELoss):
        return {**blank, "name": "mse", "reduction": reduction, "module": module}
    if isinstance(loss, (nn.BCEWithLogitsLoss, nn.BCELoss)):
        return {**blank, "name": "bce", "reduction": reduction, "module": module}
    return {**blank, "name": "other", "reduction": reduction if isinstance(reduction, str) else None, "module": module}


#: Functions of losses and the modules that say the same.
_FUNCTIONS: dict[Any, Callable[..., nn.Module]] = {
    functional.cross_entropy: nn.CrossEntropyLoss,
    functional.nll_loss: nn.NLLLoss,
    functional.mse_loss: nn.MSELoss,
    functional.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    functional.binary_cross_entropy: nn.BCELoss,
}


def _module_of(loss: Callable[..., Tensor]) -> Optional[nn.Module]:
    """The loss module that a function of ``torch.nn.functional`` is; None for any other."""
    arguments: dict[str, Any] = {}
    while isinstance(loss, partial):
        if len(loss.args) > 0:
            return None
        arguments = {**loss.keywords, **arguments}
        loss = loss.func
    try:
        module = _FUNCTIONS.get(loss)
        return None if module is None else module(**arguments)
    except TypeError:
        return None


#: Optimisers of torch.optim whose decay is part of the gradient, and others known to decay beside it.
_COUPLED = ("SGD", "ASGD", "Adam", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "RMSprop")
_DECOUPLED = ("AdamW", "Adafactor", "Muon", "Lion", "SGDW", "AdamW8bit", "PagedAdamW")


def plain_optimizer(optimizer: Optional[Optimizer]) -> Optional[Optimizer]:
    """The optimiser inside a wrapper (of Accelerate, ZeroRedundancyOptimizer)."""
    while optimizer is not None:
        inner = getattr(optimizer, "optimizer", None) or getattr(optimizer, "optim", None)
        if not isinstance(inner, Optimizer):
            return optimizer
        optimizer = inner
    return None


def _decoupled(optimizer: Optimizer) -> Optional[bool]:
    """Whether weights are decayed beside the gradient; None where that is not known."""
    kind = type(optimizer)
    if kind.__name__ in _DECOUPLED or any(group.get("decoupled_weight_decay") for group in optimizer.param_groups):
        return True
    known = kind.__name__ in _COUPLED and kind is getattr(torch.optim, kind.__name__, None)
    return False if known else None


def describe_optimizer(optimizer: Optional[Optimizer], model: nn.Module) -> Optional[dict[str, Any]]:
    """Its class, whether its decay is decoupled (AdamW; None where that is not known), and its groups with the names of their parameters."""
    if optimizer is None:
        return None
    names = {id(parameter): plain_name(name) for name, parameter in model.named_parameters()}
    groups = []
    for group, rates in zip(optimizer.param_groups, group_settings(optimizer)):
        known = [names.get(id(parameter)) for parameter in group["params"]]
        groups.append(
            {**rates, "parameters": [name for name in known if name is not None], "others": known.count(None)}
        )
    return {"name": type(optimizer).__name__, "decoupled": _decoupled(optimizer), "groups": groups}


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
    """Each layer's name, size and decays: of its weight and of its bias, null where no group has it or it is frozen."""
    decays: dict[int, Optional[float]] = {}
    if optimizer is not None:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.requires_grad:
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
