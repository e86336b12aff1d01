"""Looking at a model in evaluation mode and leaving everything as it was."""

from __future__ import annotations

import random
import sys
from contextlib import contextmanager
from typing import Any, Callable, Iterable, Iterator

import torch
from torch import nn


def plain_model(model: nn.Module) -> nn.Module:
    """The model inside DistributedDataParallel, DataParallel and torch.compile: the same parameters, run as written."""
    while True:
        if isinstance(model, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            model = model.module
        elif isinstance(getattr(model, "_orig_mod", None), nn.Module):
            model = model._orig_mod  # type: ignore[assignment]
        else:
            return model


def plain_name(name: str) -> str:
    """A module's name without what torch.compile puts into it."""
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


@contextmanager
def undisturbed(model: nn.Module, loaders: Iterable[object]) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every module's mode and the random numbers are as before.

    Compiled parts run as they were written, as the hooks of a compiled part are not called. State inside worker processes of
    a loader with ``persistent_workers`` cannot be restored.
    """
    modes = [(module, module.training) for module in model.modules()]
    restore = [*_random_numbers(loaders), *_run_as_written(model)]
    try:
        model.eval()
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
        for action in restore:
            action()


def _random_numbers(loaders: Iterable[object]) -> list[Callable[[], None]]:
    """How to set every generator back to where it is now."""
    restore: list[Callable[[], None]] = []
    state = torch.get_rng_state()
    restore.append(lambda: torch.set_rng_state(state))
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states = torch.cuda.get_rng_state_all()
        restore.append(lambda: torch.cuda.set_rng_state_all(states))
    python = random.getstate()
    restore.append(lambda: random.setstate(python))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        legacy = numpy.random.get_state()
        restore.append(lambda: numpy.random.set_state(legacy))
    for generator in _generators(loaders):
        before = generator.get_state()
        restore.append(lambda generator=generator, before=before: generator.set_state(before))  # type: ignore[misc]
    return restore


def _generators(loaders: Iterable[object]) -> list[torch.Generator]:
    found: dict[int, torch.Generator] = {}
    for loader in loaders:
        sampler = getattr(loader, "sampler", None)
        for holder in (loader, sampler, getattr(loader, "batch_sampler", None)):
            generator = getattr(holder, "generator", None)
            if isinstance(generator, torch.Generator):
                found[id(generator)] = generator
    return list(found.values())


def _run_as_written(model: nn.Module) -> list[Callable[[], None]]:
    """Puts the written code in place of compiled code, of the model and of its parts."""
    restore: list[Callable[[], None]] = []
    for module in model.modules():
        kept: Any = module.__dict__
        written = getattr(module, "_orig_mod", None)
        if isinstance(written, nn.Module):
            forward = kept.get("forward")
            kept["forward"] = written.__call__
            restore.append(lambda kept=kept, forward=forward: _put_back(kept, "forward", forward))  # type: ignore[misc]
        compiled = kept.get("_compiled_call_impl")
        if compiled is not None:
            kept["_compiled_call_impl"] = None
            restore.append(lambda kept=kept, compiled=compiled: _put_back(kept, "_compiled_call_impl", compiled))  # type: ignore[misc]
    return restore


def _put_back(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value
