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
        with self.assertWarnsRegex(UserWarning, "measured at epoch 1, 2, 3 of .* is dropped"):
            self.monitor(resume=True).epoch(1, train=loader)
        self.assertEqual([line["epoch"] for line in self.lines()], [0, 1])
        self.assertEqual(sorted(p.name for p in (self.run_path / "epochs").iterdir())[-1], "000001.safetensors")

    def test_epochs_that_go_back_are_refused_and_nothing_is_lost(self) -> None:
        loader = DataLoader(blobs(), 64)
        monitor = Monitor(nn.Linear(12, 4), self.run_path, every=[0, 1, 3])
        for epoch in range(6):
            monitor.epoch(epoch, train=loader)
        before = {path: path.read_bytes() for path in sorted(self.run_path.rglob("*.*"))}
        for epoch in (0, 3, 4):
            with self.assertRaisesRegex(ValueError, rf"^epoch: expected a number above 5.*, got {epoch}; .*resume=True"):
                monitor.epoch(epoch, train=loader)
        self.assertEqual({path: path.read_bytes() for path in sorted(self.run_path.rglob("*.*"))}, before)
        # One that was not due can still be measured, once.
        self.assertTrue(monitor.epoch(5, train=loader, force=True))
        with self.assertRaises(InputError):
            monitor.epoch(5, train=loader)
        monitor.epoch(6, train=loader, force=True)
        self.assertEqual([line["epoch"] for line in self.lines()], [0, 1, 3, 5, 6])

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


class EndTest(Scratch):
    """How a training ended, as its last line says: nothing where it is under way, or was killed."""

    def end(self) -> object:
        return self.lines()[-1].get("end")

    def epochs(self) -> list:
        return [line["epoch"] for line in self.lines() if "end" not in line]

    def test_the_last_epoch_and_a_word(self) -> None:
        loader = DataLoader(blobs(), 64)
        monitor = Monitor(nn.Linear(12, 4), self.run_path, every=2, epochs=4)
        ends = []
        for epoch in range(6):
            monitor.epoch(epoch, train=loader)
            ends.append(self.end())
        # Beyond the last that was announced training goes on.
        self.assertEqual(ends, [None, None, None, "epochs", None, None])
        for _ in range(2):
            monitor.end()
        self.assertEqual(self.lines()[-1], {"end": "said", "epoch": 5})
        self.assertEqual(self.epochs(), [0, 2, 3, 4])
        resumed = Monitor(nn.Linear(12, 4), self.run_path, every=2, resume=True)
        self.assertEqual(self.end(), "said")
        resumed.epoch(7, train=loader)
        self.assertEqual((self.end(), self.epochs()), (None, [0, 2, 3, 4]))
        resumed.end()
        self.assertEqual(self.lines()[-1], {"end": "said", "epoch": 7})

    def test_an_older_run_is_gone_on_with(self) -> None:
        loader = DataLoader(blobs(), 64)
        Monitor(nn.Linear(12, 4), self.run_path).epoch(0, train=loader)
        path = self.run_path / "collapsar.json"
        path.write_text(path.read_text().replace('"version": 2', '"version": 1'))
        Monitor(nn.Linear(12, 4), self.run_path, resume=True).epoch(1, train=loader)
        self.assertEqual((self.manifest()["version"], self.epochs()), (2, [0, 1]))

    def test_the_end_of_the_program(self) -> None:
        script = (
            "import os, signal, sys, torch\nfrom collapsar import Monitor\n"
            "data = [(torch.randn(40, 3), torch.arange(40) % 4)]\n"
            "def watch(run, epochs):\n"
            "    announced = 9 if run == 'fewer' else None\n"
            "    m = Monitor(torch.nn.Linear(3, 4), f'{RUN}/{run}', resume=run == 'twice', epochs=announced)\n"
            "    for e in range(*epochs): m.epoch(e, train=data)\n"
        ).replace("{RUN}", str(self.run_path))
        # The last line of each, after how the program ended; a forked process ends nothing.
        endings = {
            "normal": ("if os.fork() == 0: sys.exit()\nos.wait()", 0, {"end": "exit", "epoch": 5}),
            "raised": ("raise ValueError", 1, {"end": "exception", "epoch": 5}),
            "interrupt": ("os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT, {"end": "exception", "epoch": 5}),
            "terminated": ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, None),
            "killed": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, None),
            "twice": ("watch('twice', (6, 9))", 0, {"end": "exit", "epoch": 8}),
            "fewer": ("", 0, None),
            "notebook": ("sys.ps1 = 'In: '", 0, None),
            "gone": (f"import shutil; shutil.rmtree('{self.run_path}/gone')", 0, None),
        }
        children = {}
        for name, (last, code, _) in endings.items():
            program = f"{script}watch('{name}', (6,))\n{last}\n"
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            children[name] = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL)
        for name, (_, code, mark) in endings.items():
            with self.subTest(name):
                self.assertEqual(children[name].wait(), code)
                lines = self.run_path / name / "epochs.jsonl"
                if name == "gone":
                    self.assertFalse(lines.exists())
                    continue
                last = json.loads(lines.read_text().splitlines()[-1])
                self.assertEqual(last if "end" in last else None, mark)


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
