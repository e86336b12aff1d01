"""What is wrong with an input, in one line: ``WHERE: expected REQUIREMENT, got VALUE; what to do``."""

from __future__ import annotations

from typing import NoReturn


class InputError(ValueError):
    """An argument, a model or a folder that cannot be used as it is."""


class MeasureError(RuntimeError):
    """The ``collapsar`` command could not be run, or failed."""


def refuse(where: str, requirement: str, got: object, hint: str | None = None) -> NoReturn:
    """Raises an InputError whose message says where, what was expected, what was there, and what to do."""
    text = f"{where}: expected {requirement}, got {got}"
    raise InputError(text if hint is None else f"{text}; {hint}")
