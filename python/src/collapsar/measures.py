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
    """The last epoch of ``collapsar measure RUN --json``; with ``split="test"`` its measures of the test samples."""
    if split not in ("train", "test"):
        refuse("split", '"train" or "test"', repr(split))
    command = [*find_command(), "measure", os.fspath(run), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise MeasureError(done.stderr.strip() or f"{' '.join(command)}: exit code {done.returncode}")
    series: list[dict[str, Any]] = json.loads(done.stdout)["series"]
    if len(series) == 0:
        raise MeasureError(f"{run}: no epoch with finite features")
    last = series[-1]
    if split == "train":
        return last
    if last["test"] is None:
        raise MeasureError(f"{run}: the last epoch has no test samples; pass test= to epoch()")
    return {"epoch": last["epoch"], **last["test"]}


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
        "install it (npm install) or run `collapsar measure FOLDER` where it is"
    )
