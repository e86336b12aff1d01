"""Sums over the ranks of a distributed training."""

from __future__ import annotations

from typing import Sequence

import torch
import torch.distributed as distributed
from torch import Tensor


def world() -> int:
    """Number of ranks; 1 where nothing is distributed."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def rank() -> int:
    """Number of this rank."""
    return distributed.get_rank() if world() > 1 else 0


def sum_over_ranks(tensors: Sequence[Tensor], device: torch.device) -> None:
    """Replaces each tensor by its sum over all ranks. ``device``: where the model is, which the backend can reach."""
    if world() == 1:
        return
    for tensor in tensors:
        there = tensor.to(device)
        distributed.all_reduce(there)
        tensor.copy_(there)


def of_rank_zero(tensor: Tensor, device: torch.device) -> Tensor:
    """Rank 0's tensor, on every rank."""
    if world() == 1:
        return tensor
    there = tensor.to(device).contiguous()
    distributed.broadcast(there, 0)
    return there.to(tensor.device)


def differ_over_ranks(values: Tensor, device: torch.device) -> bool:
    """Whether some rank has other numbers than rank 0, beyond rounding (1e-6 of the largest)."""
    if world() == 1:
        return False
    there = values.to(device)
    all_values = [torch.empty_like(there) for _ in range(world())]
    distributed.all_gather(all_values, there)
    scale = max(float(there.abs().max()), 1e-300)
    return any(float((other - all_values[0]).abs().max()) > 1e-6 * scale for other in all_values)


def any_over_ranks(value: bool, device: torch.device) -> bool:
    """Whether it is true on some rank."""
    if world() == 1:
        return value
    total = torch.tensor([1.0 if value else 0.0], device=device)
    distributed.all_reduce(total)
    return bool(total.item() > 0)
