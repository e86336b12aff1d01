"""The folder: its schedule, what a kill leaves, going on with a run, and the safetensors writer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from collapsar import InputError, Monitor
from collapsar.schedule import is_due
from collapsar.tensorfile import read_tensors, write_tensors

sys.path.insert(0, str(Path(__file__).parent))
from test_monitor import Scratch, blobs  # noqa: E402


class ScheduleTest(unittest.TestCase):
    def test_log_spaced(self) -> None:
        due = [epoch for epoch in range(101) if is_due(epoch, "log", None)]
        self.assertEqual(due, [0, 1, 2, 3, 4, 6, 7, 10, 13, 18, 24, 32, 42, 56, 75, 100])
        self.assertTrue(is_due(198, "log", 199))

    def test_each_nth(self) -> None:
        self.assertEqual([epoch for epoch in range(12) if is_due(epoch, 5, 12)], [0, 5, 10, 11])
        self.assertEqual([epoch for epoch in range(9) if is_due(epoch, [2, 3], 8)], [2, 3, 7])
        for every in (0, "often", [1, -1], 0.5):
            with self.assertRaisesRegex(InputError, "a whole number from 1"):
                Monitor(nn.Linear(2, 2), "x", every=every)


class FolderTest(Scratch):
    def monitor(self, resume: bool = False, model: nn.Module | None = None) -> Monitor:
        return Monitor(model or nn.Linear(12, 4), self.run_path, every=1, resume=resume)

    def test_a_torn_line_is_cut_and_the_run_goes_on(self) -> None:
        loader = DataLoader(blobs(), 64)
        first = self.monitor()
        for epoch in range(3):
            first.epoch(epoch, train=loader)
        lines = self.run_path / "epochs.jsonl"
        lines.write_bytes(lines.read_bytes()[:-20])
        (self.run_path / "epochs" / ".000003.safetensors.unfinished").write_bytes(b"torn")
        self.monitor(resume=True).epoch(2, train=loader)
        self.assertEqual([line["epoch"] for line in self.lines()], [0, 1, 2])

    def test_epochs_after_an_earlier_checkpoint_are_forgotten(self) -> None:
        loader = DataLoader(blobs(), 64)
        first = self.monitor()
        for epoch in range(4):
            first.epoch(epoch, train=loader)
        self.monitor(resume=True).epoch(1, train=loader)
        self.assertEqual([line["epoch"] for line in self.lines()], [0, 1])
        self.assertEqual(sorted(p.name for p in (self.run_path / "epochs").iterdir())[-1], "000001.safetensors")

    def test_a_run_is_never_overwritten(self) -> None:
        loader = DataLoader(blobs(), 64)
        self.monitor().epoch(0, train=loader)
        with self.assertRaisesRegex(InputError, "pass resume=True"):
            self.monitor()
        with self.assertRaisesRegex(InputError, "give the run a folder of its own"):
            other = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 4))
            self.monitor(resume=True, model=other).epoch(1, train=loader)
        with self.assertRaisesRegex(InputError, "a new or empty folder"):
            Monitor(nn.Linear(2, 2), self.run_path / "epochs")

    def test_killed_while_it_writes(self) -> None:
        script = (
            "import torch\nfrom collapsar import Monitor\n"
            "x = torch.randn(40, 300); y = torch.arange(40) % 4\n"
            "m = Monitor(torch.nn.Linear(300, 4), RUN, every=1)\n"
            "e = 0\nwhile True:\n    m.epoch(e, train=[(x, y)]); e += 1\n"
        ).replace("RUN", repr(str(self.run_path)))
        child = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "OMP_NUM_THREADS": "1"})
        lines = self.run_path / "epochs.jsonl"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not lines.exists() or lines.stat().st_size < 3000):
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        whole = [json.loads(line) for line in lines.read_bytes().split(b"\n")[:-1]]
        self.assertGreater(len(whole), 3)
        for line in whole:
            path = self.run_path / line["file"]
            self.assertEqual(path.stat().st_size, line["bytes"])
            self.assertEqual(read_tensors(path)["train.counts"].tolist(), [10, 10, 10, 10])


class TensorFileTest(Scratch):
    def test_round_trip_of_every_type(self) -> None:
        tensors = {
            "scalar": torch.tensor(2.5, dtype=torch.float64),
            "half": torch.randn(3, 5).half(),
            "brain": torch.randn(7).bfloat16(),
            "turned": torch.arange(12).reshape(3, 4).T,
            "none": torch.zeros(0, 4),
            "flags": torch.tensor([True, False, True]),
            "Ünïcode": torch.arange(5, dtype=torch.uint8),
        }
        path = self.run_path.with_suffix(".safetensors")
        size = write_tensors(path, tensors, {"words": "kept"})
        self.assertEqual(path.stat().st_size, size)
        back = read_tensors(path)
        self.assertEqual(set(back), set(tensors))
        for name, tensor in tensors.items():
            self.assertEqual(back[name].dtype, tensor.dtype)
            self.assertTrue(torch.equal(back[name], tensor))
        try:
            from safetensors.torch import load_file
        except ImportError:
            return
        for name, tensor in load_file(path).items():
            self.assertTrue(torch.equal(tensor, tensors[name]))


if __name__ == "__main__":
    unittest.main()
