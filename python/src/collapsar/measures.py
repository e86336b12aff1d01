"""Measures of a run, by the ``collapsar`` command (Node)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .errors import MeasureError, refuse


def measures_of(run: str | os.PathLike[str], split: str = "train") -> dict[str, Any]:
    """The last epoch of ``collapsar measure RUN --json``; with ``split="test"`` its measures of the test samples.

    Raises a MeasureError where the command is not found or fails, and where there are no such measures.
    """
    check_split(split)
    command = [*find_command(), "measure", os.fspath(run), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    except OSError as error:
        raise MeasureError(f"{command[0]}: expected a command that runs, got {error.strerror or error}") from None
    if done.returncode != 0:
        raise MeasureError(done.stderr.strip() or f"{' '.join(command)}: exit code {done.returncode}")
    return _last_of(json.loads(done.stdout), split, run)


def check_split(split: str) -> None:
    """Refuses another than ``train`` and ``test``."""
    if split not in ("train", "test"):
        refuse("split", '"train" or "test"', repr(split))


def _last_of(document: dict[str, Any], split: str, run: str | os.PathLike[str]) -> dict[str, Any]:
    series: list[dict[str, Any]] = document["series"]
    if len(series) == 0:
        raise MeasureError(f"{run}: expected an epoch with finite features, got none")
    last = series[-1]
    later = [epoch for epoch in document["notFinite"] if epoch > last["epoch"]]
    notes = list(last["notes"])
    if len(later) > 0:
        numbers = ", ".join(str(epoch) for epoch in later)
        notes.append(f"these are of epoch {last['epoch']}: features were not finite at epoch {numbers}")
    if split == "train":
        return {**last, "notes": notes}
    if last["test"] is None:
        raise MeasureError(f"{run}: expected test samples of the last epoch, got none; pass test= to epoch()")
    return {"epoch": last["epoch"], **last["test"], "notes": notes}


def find_command() -> list[str]:
    """How to run ``collapsar``: the variable COLLAPSAR, the PATH, or ``node_modules`` here or above."""
    named = os.environ.get("COLLAPSAR")
    if named:
        return ["node", named] if named.endswith(".js") else [named]
    on_path = shutil.which("collapsar")
    if on_path is not None:
        return [on_path]
    for folder in [Path.cwd(), *Path.cwd().parents]:
        installed = folder / "node_modules" / ".bin" / "collapsar"
        if installed.exists():
            return [str(installed)]
    raise MeasureError(
        "collapsar: expected the command on the PATH, in node_modules or in the variable COLLAPSAR, got none; "
        "install it (npm install), or set COLLAPSAR to its path, as COLLAPSAR=CLONE/bin/collapsar.js"
    )
