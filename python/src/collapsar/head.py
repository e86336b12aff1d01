"""The linear head of a model: the last linear layers with nothing but identities between them.

Found by running one batch: a layer belongs to the head where its output is, unchanged, the next layer's input, and the last
one's output is what the model returns. Where a head is named it is checked in the same way.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Iterator, Optional, Sequence, Union

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from .batches import Forward, logits_of
from .errors import refuse
from .taps import rows_of
from .undisturbed import plain_name

HeadNames = Union[str, Sequence[str], None]


@dataclass(frozen=True)
class Head:
    """The layers of a head, nearest the features first."""

    names: tuple[str, ...]
    layers: tuple[nn.Module, ...]
    #: Whether the output of the last layer is what the model returns, and each layer's output the next one's input.
    is_last: bool
    is_chain: bool
    #: The module whose output the head reads, where that was named; else the first layer is called and its input is taken.
    source: Optional[tuple[str, nn.Module]] = None
    #: Dropout modules before or within the head, with their p: theory has none of them.
    dropout: tuple[tuple[str, float], ...] = ()

    @property
    def dimension(self) -> int:
        """d, the number of features."""
        return _weight(self.layers[0]).shape[1]

    @property
    def outputs(self) -> int:
        """Rows of the last weight."""
        return _weight(self.layers[-1]).shape[0]

    def weights(self) -> list[Tensor]:
        """W_1 … W_M, out×in."""
        return [_weight(layer).detach() for layer in self.layers]

    def biases(self) -> list[Optional[Tensor]]:
        """The bias of each layer, or None."""
        found = [getattr(layer, "bias", None) for layer in self.layers]
        return [bias.detach() if isinstance(bias, Tensor) else None for bias in found]


@dataclass
class _Call:
    name: str
    layer: nn.Module
    input: Tensor
    input_version: int
    output: Tensor
    output_version: int


class Bare(nn.Module):
    """A weight that no layer holds, as a layer of a head."""

    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight


def find_head(
    model: nn.Module, head: HeadNames, forward: Forward, batch: Any, features: Optional[str] = None
) -> Head:
    """The head of ``model`` (already in evaluation mode, without gradients), tried on one batch.

    ``features``: the module whose output a named head reads, where its layers are not called as modules. Raises an InputError where no linear layer gives what the model returns, where a name is unknown, where layers do not
    follow one another, and where a layer is used twice.
    """
    named = None if head is None else _named_layers(model, head)
    if features is not None:
        return _head_behind(model, named, features)
    calls, dropped, output = _traced(model, named, forward, batch)
    logits = logits_of(output)
    if logits is None:
        return refuse(
            "model", "an output of logits", type(output).__name__, "pass forward= that returns (logits, labels)"
        )
    if logits.dim() == 1:
        # One logit a sample, squeezed.
        logits = logits.unsqueeze(-1)
    if named is None:
        chain = _last_chain(calls, logits)
    else:
        chain = []
        for name, _ in named:
            used = [call for call in calls if call.name == name]
            if len(used) != 1:
                refuse(
                    f"head {name}",
                    "a layer that a forward pass uses once",
                    f"{len(used)} uses",
                    None if len(used) > 0 else NOT_CALLED,
                )
            chain.append(used[0])
    names = tuple(call.name for call in chain)
    for call in chain:
        if sum(other.layer is call.layer for other in calls) > 1:
            refuse(f"head {call.name}", "a layer that a forward pass uses once", "more uses")
    for left, right in zip(chain, chain[1:]):
        if _weight(left.layer).shape[0] != _weight(right.layer).shape[1]:
            refuse(
                "head",
                "layers that follow one another, nearest the features first",
                f"{left.name} with {_weight(left.layer).shape[0]} outputs before {right.name} "
                f"with {_weight(right.layer).shape[1]} inputs",
            )
    last = chain[-1]
    return Head(
        names=names,
        layers=tuple(call.layer for call in chain),
        is_last=_same(last.output, last.output_version, logits, logits._version),
        is_chain=all(_follows(left, right) for left, right in zip(chain, chain[1:])),
        dropout=tuple(
            (drop.name, float(drop.layer.p))  # type: ignore[arg-type]
            for drop in dropped
            if any(_follows(drop, call) for call in chain)
        ),
    )


NOT_CALLED = (
    "where a weight is used without calling its layer (a cosine head), pass features= with the layer that gives the features"
)


def _head_behind(model: nn.Module, named: Optional[list[tuple[str, nn.Module]]], features: str) -> Head:
    """A named head that reads the output of a named module."""
    if named is None:
        return refuse("features", "head= beside it", "none", "name the weights that read them")
    source = {plain_name(name): module for name, module in model.named_modules()}.get(features)
    if source is None or features == "":
        return refuse("features", "the name of a module", repr(features))
    return Head(
        names=tuple(name for name, _ in named),
        layers=tuple(layer for _, layer in named),
        is_last=False,
        is_chain=True,
        source=(features, source),
    )


@contextmanager
def head_inputs(head: Head) -> Iterator[list[Tensor]]:
    """Collects what the first layer of the head is given, one tensor a forward pass."""
    inputs: list[Tensor] = []
    if head.source is not None:
        name, module = head.source
        handle = module.register_forward_hook(lambda _, __, output: inputs.append(rows_of(name, output)))
    else:
        handle = _input_hook(head, inputs)
    try:
        yield inputs
    finally:
        handle.remove()


def _input_hook(head: Head, inputs: list[Tensor]) -> RemovableHandle:
    return head.layers[0].register_forward_pre_hook(lambda _, args: inputs.append(args[0].detach().clone()))


def _traced(
    model: nn.Module, named: Optional[list[tuple[str, nn.Module]]], forward: Forward, batch: Any
) -> tuple[list[_Call], list[_Call], Any]:
    """The calls of linear layers (or of the named ones) in their order, those of dropout, and the model's output."""
    watched = named if named is not None else [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    dropping = [(n, m) for n, m in model.named_modules() if isinstance(m, _DROPOUT) and m.p > 0]
    calls: list[_Call] = []
    dropped: list[_Call] = []
    handles = []
    for name, layer in [*watched, *dropping]:

        def hook(module: nn.Module, args: tuple[Any, ...], output: Any, name: str = name) -> None:
            if len(args) > 0 and isinstance(args[0], Tensor) and isinstance(output, Tensor):
                into = dropped if isinstance(module, _DROPOUT) else calls
                into.append(_Call(plain_name(name), module, args[0], args[0]._version, output, output._version))

        handles.append(layer.register_forward_hook(hook))
    try:
        output, _ = forward(model, batch)
    finally:
        for handle in handles:
            handle.remove()
    return calls, dropped, output


def _last_chain(calls: list[_Call], logits: Tensor) -> list[_Call]:
    """The last layers, from the one that gives the logits back to the first whose input is no linear layer's output."""
    last = next(
        (call for call in reversed(calls) if _same(call.output, call.output_version, logits, logits._version)), None
    )
    if last is None:
        # What follows it (a softmax, a scale) shows in the comparison of logits.
        last = next((call for call in reversed(calls) if call.output.shape == logits.shape), None)
    if last is None:
        used = ", ".join(dict.fromkeys(call.name for call in calls)) or "no nn.Linear"
        return refuse(
            "head",
            f"a linear layer that gives outputs of shape {tuple(logits.shape)}",
            used,
            f"name it with head=; {NOT_CALLED}",
        )
    chain = [last]
    while True:
        before = next((call for call in calls if _follows(call, chain[0])), None)
        if before is None:
            return chain
        chain.insert(0, before)


def _follows(left: _Call, right: _Call) -> bool:
    return left is not right and _same(left.output, left.output_version, right.input, right.input_version)


def _same(a: Tensor, a_version: int, b: Tensor, b_version: int) -> bool:
    """One tensor, or a view of all of it in the same order, that nothing wrote to in between."""
    if a is b:
        return a_version == b_version
    return (
        a.numel() == b.numel()
        and a.dtype == b.dtype
        and a.device == b.device
        and a.numel() > 0
        and a.data_ptr() == b.data_ptr()
        and a.stride()[-1:] == b.stride()[-1:]
        and a.shape[-1:] == b.shape[-1:]
        and a_version == b_version
    )


_DROPOUT = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout)
_PASSING = (nn.Identity, nn.Dropout, nn.Flatten)


def _named_layers(model: nn.Module, head: HeadNames) -> list[tuple[str, nn.Module]]:
    modules = {plain_name(name): module for name, module in model.named_modules()}
    layers: list[tuple[str, nn.Module]] = []
    for name in [head] if isinstance(head, str) else list(head or []):
        module = modules.get(name)
        bare = _parameter(model, name)
        if module is None and bare is not None:
            layers.append((name, Bare(bare)))
            continue
        if module is None:
            near = [known for known, item in modules.items() if isinstance(item, nn.Linear)][-5:]
            refuse("head", "the name of a module", repr(name), f"the last linear layers are {', '.join(near)}")
        layers += _layers_in(name, module)
    if len(layers) == 0:
        refuse("head", "the name of at least one linear layer", repr(head))
    return layers


def _parameter(model: nn.Module, name: str) -> Optional[nn.Parameter]:
    """A weight of two axes by its own name."""
    parameter = {plain_name(known): item for known, item in model.named_parameters()}.get(name)
    return parameter if parameter is not None and parameter.dim() == 2 else None


def _layers_in(name: str, module: nn.Module) -> list[tuple[str, nn.Module]]:
    """The module itself, or the linear layers of an nn.Sequential of nothing else."""
    weight = getattr(module, "weight", None)
    if isinstance(weight, Tensor) and weight.dim() == 2 and weight.is_floating_point():
        return [(name, module)]
    if isinstance(module, nn.Sequential):
        layers: list[tuple[str, nn.Module]] = []
        for child_name, child in module.named_children():
            if not isinstance(child, _PASSING):
                layers += _layers_in(f"{name}.{child_name}", child)
        return layers
    return refuse(
        f"head {name}",
        "linear layers with nothing but nn.Identity and nn.Dropout between them",
        type(module).__name__,
        "name the linear layers after the last nonlinearity",
    )


def _weight(layer: nn.Module) -> Tensor:
    weight = layer.weight
    assert isinstance(weight, Tensor)
    return weight
