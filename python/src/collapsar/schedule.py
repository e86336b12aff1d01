"""Which epochs are measured."""

from __future__ import annotations

import math
from typing import Collection, Literal, Union

from .errors import refuse

Every = Union[int, Literal["log"], Collection[int]]

#: Measurements between an epoch and ten times it.
PER_DECADE = 8


def check_every(every: Every) -> Every:
    """``"log"``, a whole number from 1, or the epochs themselves."""
    if every == "log" or (_is_whole(every) and every >= 1):  # type: ignore[operator]
        return every
    if not isinstance(every, (int, float, str)) and all(_is_whole(epoch) and epoch >= 0 for epoch in every):
        return every
    return refuse("every", '"log", a whole number from 1 or a list of epochs', repr(every))


def is_due(epoch: int, every: Every, epochs: int | None) -> bool:
    """Whether ``epoch`` is measured: 0, then 1, 2, 3, 4, 6, 7, 10, 13, 18, 24, … for ``"log"``, each n-th, or those listed.

    The last of ``epochs`` (numbered from 0) always is.
    """
    if epochs is not None and epoch == epochs - 1:
        return True
    if isinstance(every, int):
        return epoch % every == 0
    if not isinstance(every, str):
        return epoch in every
    if epoch == 0:
        return True
    step = round(PER_DECADE * math.log10(epoch))
    return any(round(10 ** (j / PER_DECADE)) == epoch for j in (step - 1, step, step + 1))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
