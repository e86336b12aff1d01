"""Outputs of layers of the backbone, as one row a sample."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

from torch import Tensor, nn

from .errors import refuse
from .undisturbed import plain_name

#: B×… to B×d.
Pool = Callable[[Tensor], Tensor]
Layers = Union[Sequence[str], Mapping[str, Optional[Pool]]]


class Taps:
    """Which layers are tapped, and how their outputs become rows.

    An output B×d stands as it is; of B×C×H×W (and B×C×L×H×W) the positions are averaged, of B×T×d the tokens. Another way is
    given as a function, ``layers={"encoder": lambda x: x[:, 0]}``.
    """

    def __init__(self, model: nn.Module, layers: Layers) -> None:
        modules = {plain_name(name): module for name, module in model.named_modules()}
        pools = dict(layers) if isinstance(layers, Mapping) else {name: None for name in layers}
        for name in pools:
            if name not in modules or name == "":
                near = ", ".join(known for known in modules if known != "")[:200]
                refuse("layers", "names of modules", repr(name), f"the model has {near}")
        self._modules = [(name, modules[name], pool) for name, pool in pools.items()]
        #: How each layer's outputs became rows, in words; filled by the first batch.
        self.pooling: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """The layers, in the order in which they were named."""
        return [name for name, _, _ in self._modules]

    @contextmanager
    def outputs(self) -> Iterator[dict[str, Tensor]]:
        """Rows of each layer, of the last forward pass."""
        rows: dict[str, Tensor] = {}
        handles = []
        for name, module, pool in self._modules:

            def hook(_: nn.Module, __: Any, output: Any, name: str = name, pool: Optional[Pool] = pool) -> None:
                rows[name], self.pooling[name] = _rows_of(name, output, pool)

            handles.append(module.register_forward_hook(hook))
        try:
            yield rows
        finally:
            for handle in handles:
                handle.remove()


def rows_of(name: str, output: Any) -> Tensor:
    """A module's output as one row a sample."""
    return _rows_of(name, output, None)[0]


def _rows_of(name: str, output: Any, pool: Optional[Pool]) -> tuple[Tensor, str]:
    if isinstance(output, (list, tuple)) and len(output) > 0:
        output = output[0]
    elif not isinstance(output, Tensor) and hasattr(output, "last_hidden_state"):
        output = output.last_hidden_state
    if not isinstance(output, Tensor) or not output.is_floating_point():
        return refuse(f"layers {name}", "an output that is a tensor", type(output).__name__, "give a function of it")
    if pool is not None:
        rows, how = pool(output), "a function"
    elif output.dim() == 2:
        rows, how = output, "none"
    elif output.dim() == 3:
        rows, how = output.float().mean(1), "mean over axis 1 (tokens)"
    elif output.dim() in (4, 5):
        axes = tuple(range(2, output.dim()))
        rows, how = output.float().mean(axes), f"mean over axes {', '.join(map(str, axes))} (positions)"
    else:
        return refuse(f"layers {name}", "an output of 2 to 5 axes", tuple(output.shape), "give a function of it")
    if rows.dim() != 2:
        refuse(f"layers {name}", "a function that gives B×d", tuple(rows.shape))
    return rows.detach().clone(), how
