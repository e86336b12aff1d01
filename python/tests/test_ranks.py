"""Two processes with gloo: statistics summed over ranks are those of one process, and rank 0 alone writes."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import unittest
import warnings
from pathlib import Path

import torch
import torch.distributed as distributed
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

from collapsar import Monitor
from collapsar.tensorfile import read_tensors

sys.path.insert(0, str(Path(__file__).parent))
from test_monitor import DeepHead, Scratch, blobs, nc1, written_within  # noqa: E402

RUNS = {"divided": 2**20, "twice": 0, "undivided": 2**20}
#: Seconds after which a rank says where it waits and ends.
PATIENCE = 90


def doubled(samples: int) -> TensorDataset:
    """In float64, in which other batches give the same numbers to 1e-12."""
    x, y = blobs(samples).tensors
    return TensorDataset(x.double(), y)


def run_rank(rank: int, folder: str) -> None:
    """What each of the two processes does."""
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    warnings.simplefilter("ignore")
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    torch.manual_seed(0)
    model = nn.parallel.DistributedDataParallel(DeepHead().double())
    # 301 samples: the sampler repeats one, which must not count.
    data = doubled(301)
    for name, memory in RUNS.items():
        sampler = None if name == "undivided" else DistributedSampler(data, 2, rank)
        loader = DataLoader(data, 64, sampler=sampler)
        monitor = Monitor(model, f"{folder}/{name}", memory=memory)
        monitor.epoch(0, train=loader, test=loader)
    distributed.barrier()
    distributed.destroy_process_group()


class RanksTest(Scratch):
    def test_two_ranks_are_one(self) -> None:
        folder = self.run_path.parent
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
        command = [sys.executable, __file__]
        ranks = [
            subprocess.Popen([*command, str(rank), str(folder)], stderr=subprocess.PIPE, text=True, env=environment)
            for rank in range(2)
        ]
        for process in ranks:
            _, errors = process.communicate()
            self.assertEqual(process.returncode, 0, errors)
        torch.manual_seed(0)
        Monitor(DeepHead().double(), self.run_path).epoch(0, train=DataLoader(doubled(301), 64))
        alone = self.tensors()
        for name in RUNS:
            summed = read_tensors(folder / name / "epochs/000000.safetensors")
            self.assertEqual(summed["train.counts"].tolist(), alone["train.counts"].tolist())
            self.assertEqual(summed["train.counts"].sum().item(), 301)
            for key, value in alone.items():
                if key.startswith("train.") and not key.endswith(("basis", "projected")):
                    self.assertTrue(torch.allclose(summed[key], value, rtol=1e-12, atol=1e-12), (name, key))
            notes = (folder / name / "epochs.jsonl").read_text()
            self.assertEqual("each of 2 ranks saw all samples" in notes, name == "undivided")
            # The basis has free signs, NC1 has none.
            counts = alone["train.counts"].numpy()
            one, two = (
                nc1(written_within(tensors, "train.0"), tensors["train.0.means"].numpy(), counts)
                for tensors in (summed, alone)
            )
            self.assertAlmostEqual(one, two, places=10)


if __name__ == "__main__":
    run_rank(int(sys.argv[1]), sys.argv[2])
