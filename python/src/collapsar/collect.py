"""``collect``: whole features, labels, logits and the head of a network, in safetensors files that ``collapsar measure`` reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Iterable, Optional

import torch
from torch import Tensor, nn

from . import __version__, ranks
from .batches import Forward, batches_of, default_forward
from .errors import refuse
from .gather import FEATURES, Network, evaluate
from .head import HeadNames, find_head
from .taps import Layers, Taps
from .tensorfile import write_tensors
from .undisturbed import plain_model, undisturbed

#: Bytes of a file, beyond which features go on in the next.
SHARD = 2**30


def collect(
    model: nn.Module,
    loader: Iterable[Any],
    head: HeadNames = None,
    *,
    features: Optional[str] = None,
    out: str | os.PathLike[str] = "features.safetensors",
    layers: Layers = (),
    forward: Optional[Forward] = None,
    shard_bytes: int = SHARD,
) -> list[Path]:
    """Writes ``features`` N×d, ``labels``, ``logits``, ``W1`` … ``WM`` and ``b1`` … ``bM`` (biases that are there).

    Features keep the type in which the head sees them. Beyond ``shard_bytes`` they go on in ``NAME-00001.safetensors`` and so on,
    each with the head; the first is then ``NAME-00000.safetensors``. Files get their names when all are written. Backbone layers
    are written as ``layer:NAME``. Returns the paths.
    """
    if ranks.rank() != 0:
        refuse(
            "collect", "rank 0 of a distributed training", f"rank {ranks.rank()}", "call it on rank 0 with all samples"
        )
    path = Path(out)
    if path.suffix != ".safetensors":
        refuse("out", "a name that ends in .safetensors, which is what is written", f"{os.fspath(out)!r}")
    plain = plain_model(model)
    written: list[tuple[Path, int]] = []
    with undisturbed(plain, [loader]):
        network = _network(plain, loader, (head, features), layers, forward or default_forward)
        constant = _head_arrays(network)
        rows: list[dict[str, Tensor]] = []
        size = 0
        for batch in evaluate(network, loader):
            arrays = {(name if name == FEATURES else f"layer:{name}"): part for name, part in batch.rows.items()}
            arrays.update(labels=batch.labels, logits=batch.logits)
            rows.append({name: part.cpu() for name, part in arrays.items()})
            size += sum(part.numel() * part.element_size() for part in arrays.values())
            if size >= shard_bytes:
                written.append(_write_shard(path, len(written), rows, constant))
                rows, size = [], 0
        if len(rows) > 0 or len(written) == 0:
            if len(rows) == 0:
                refuse("loader", "at least one batch", "none")
            written.append(_write_shard(path, len(written), rows, constant))
    if len(written) == 1:
        os.replace(written[0][0], path)
        return [path]
    names = [path.with_name(f"{path.stem}-{i:05d}{path.suffix}") for _, i in written]
    for (temporary, _), name in zip(written, names):
        os.replace(temporary, name)
    return names


def _network(
    model: nn.Module, loader: Iterable[Any], names: tuple[HeadNames, Optional[str]], layers: Layers, forward: Forward
) -> Network:
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    for batch, _ in batches_of(loader, device):
        head, features = names
        return Network(model, forward, find_head(model, head, forward, batch, features), Taps(model, layers), device)
    return refuse("loader", "at least one batch", "none")


def _head_arrays(network: Network) -> dict[str, Tensor]:
    arrays: dict[str, Tensor] = {}
    for m, (W, b) in enumerate(zip(network.head.weights(), network.head.biases()), 1):
        arrays[f"W{m}"] = W
        if b is not None:
            arrays[f"b{m}"] = b
    return arrays


def _write_shard(
    path: Path, number: int, rows: list[dict[str, Tensor]], constant: dict[str, Tensor]
) -> tuple[Path, int]:
    arrays = {name: torch.cat([part[name] for part in rows]) for name in rows[0]}
    temporary = path.with_name(f".{path.stem}-{number:05d}.part")
    write_tensors(temporary, {**arrays, **constant}, {"collapsar": __version__, "shard": str(number)})
    return temporary, number
