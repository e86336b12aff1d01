"""The folder of a monitored run, format version 2; python/README.md describes it.

``collapsar.json`` says what was measured, each ``epochs/NNNNNN.safetensors`` holds the statistics of one epoch, and
``epochs.jsonl`` gets one line for each of them, after it is whole. A line that a kill tore is cut when the run goes on. A last line
with ``end`` says that training has ended, and how; version 1 had none.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal, Mapping

from torch import Tensor

from .errors import refuse
from .tensorfile import write_json, write_tensors, write_whole

FORMAT = "collapsar monitor"
VERSION = 2
#: Versions of runs that can be gone on with.
_KNOWN = (1, VERSION)
MANIFEST = "collapsar.json"
LINES = "epochs.jsonl"

#: How training ended: the last of `epochs=`, `Monitor.end()`, the end of the program, an exception that nobody caught.
Why = Literal["epochs", "said", "exit", "exception"]


class RunFolder:
    """Writes one run. ``resume`` goes on with a run that is there; without it such a folder is refused."""

    def __init__(self, path: str | os.PathLike[str], resume: bool) -> None:
        self.path = Path(path)
        self._manifest: dict[str, Any] | None = None
        self._lines: list[dict[str, Any]] = []
        self._ended = False
        manifest = self.path / MANIFEST
        if manifest.exists():
            if not resume:
                refuse(
                    "run", "a folder without a run", self.path, "pass resume=True to go on with it, or another folder"
                )
            self._manifest = _read_manifest(manifest)
            lines = _read_lines(self.path / LINES)
            self._ended = len(lines) > 0 and "end" in lines[-1]
            self._lines = [line for line in lines if "end" not in line]
        elif self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            refuse("run", "a new or empty folder", self.path, "give the run a folder of its own")

    @property
    def epochs(self) -> list[int]:
        """Those that are measured, ascending."""
        return [line["epoch"] for line in self._lines]

    def describe(self, manifest: Mapping[str, Any]) -> None:
        """Writes what is measured; for a run that goes on it must be the same network."""
        whole = {"format": FORMAT, "version": VERSION, **manifest}
        if self._manifest is not None:
            for key in ("classes", "outputs", "head", "layers"):
                if self._manifest.get(key) != json.loads(json.dumps(whole[key])):
                    refuse(
                        "run", f"the {key} of the run in {self.path}", whole[key], "give the run a folder of its own"
                    )
        self._manifest = whole
        write_json(self.path / MANIFEST, whole)

    def go_on(self) -> None:
        """Training goes on: a mark that it had ended is taken away."""
        if self._ended:
            self._write_lines()

    def cut_torn(self) -> None:
        """Cuts a last line that a kill tore."""
        if _is_torn(self.path / LINES):
            self._write_lines()

    def forget_from(self, epoch: int) -> list[int]:
        """Leaves out what was measured at this epoch or later, and says which: training went back to an earlier checkpoint."""
        left = [line for line in self._lines if line["epoch"] < epoch]
        if len(left) == len(self._lines):
            return []
        dropped = [line for line in self._lines if line["epoch"] >= epoch]
        self._lines = left
        self._write_lines()
        for line in dropped:
            if line["file"] is not None:
                (self.path / line["file"]).unlink(missing_ok=True)
        return [line["epoch"] for line in dropped]

    def add(self, epoch: int, record: Mapping[str, Any], tensors: Mapping[str, Tensor] | None) -> None:
        """Adds an epoch: its tensors first, then its line. ``tensors`` None: there were no finite statistics."""
        name, size = None, None
        if tensors is not None:
            name = f"epochs/{epoch:06d}.safetensors"
            size = write_tensors(self.path / name, tensors, {"format": FORMAT, "version": str(VERSION)})
        line = {"epoch": epoch, "file": name, "bytes": size, **record}
        self._append(line)
        self._lines.append(line)
        self._ended = False

    def end(self, why: Why, epoch: int) -> None:
        """Says that training has ended, after this epoch, if one was measured."""
        if len(self._lines) > 0:
            self._append({"end": why, "epoch": epoch})
            self._ended = True

    def _append(self, line: Mapping[str, Any]) -> None:
        with open(self.path / LINES, "ab") as file:
            file.write(_line(line))
            file.flush()
            os.fsync(file.fileno())

    def _write_lines(self) -> None:
        """Writes the lines of epochs anew, without a mark of the end."""
        text = b"".join(_line(line) for line in self._lines)
        write_whole(self.path / LINES, [lambda: text])
        self._ended = False


def _line(line: Mapping[str, Any]) -> bytes:
    return (json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode()


def _is_torn(path: Path) -> bool:
    if not path.exists():
        return False
    data = path.read_bytes()
    return len(data) > 0 and not data.endswith(b"\n")


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """All whole lines; what stands behind the last line end was torn."""
    if not path.exists():
        return []
    whole = path.read_bytes().split(b"\n")[:-1]
    try:
        return [json.loads(line) for line in whole if line.strip()]
    except ValueError:
        return refuse(str(path), "lines of JSON", "a line that is none", "give the run a folder of its own")


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return refuse(str(path), "JSON", "other text")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("version") not in _KNOWN:
        return refuse(
            str(path), f'"format": "{FORMAT}", "version": {VERSION}', "another", "give the run a folder of its own"
        )
    return manifest
