"""Makes the runs of `minima/`: PYTHONPATH=python/src python3 make_minima.py

Each is a network whose features are free (an embedding of every sample) at the minimum of its own loss with PyTorch's default
decay, of the bias and the features too, found by L-BFGS in float64. `objective.json` has the value of that loss plus wd/2 times
the sum of the squares of all parameters.
"""

import json
import shutil
from pathlib import Path

import torch
from torch import nn

from collapsar import Monitor

folder = Path(__file__).parent / "minima"
shutil.rmtree(folder, ignore_errors=True)
torch.set_default_dtype(torch.float64)
WD = 5e-3
COUNTS = [12, 8, 4]
K, N, WIDTH = len(COUNTS), sum(COUNTS), 5
labels = torch.repeat_interleave(torch.arange(K), torch.tensor(COUNTS))
samples = torch.arange(N)


class Free(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Embedding(N, WIDTH)
        self.fc = nn.Linear(WIDTH, K)

    def forward(self, x):
        return self.fc(self.features(x))


def minimum(name, loss, wd=WD):
    torch.manual_seed(3)
    model = Free()
    target = nn.functional.one_hot(labels, K).to(torch.float64) if isinstance(loss, nn.MSELoss) else labels

    def objective():
        return loss(model(samples), target) + wd / 2 * sum(p.square().sum() for p in model.parameters())

    lbfgs = torch.optim.LBFGS(
        model.parameters(), max_iter=5000, tolerance_grad=1e-13, tolerance_change=0, history_size=50, line_search_fn="strong_wolfe"
    )

    def closure():
        lbfgs.zero_grad()
        value = objective()
        value.backward()
        return value

    for _ in range(4):
        lbfgs.step(closure)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=wd)
    monitor = Monitor(model, folder / name, loss=loss, optimizer=optimizer, batch_size=N)
    monitor.epoch(0, train=[(samples, labels)])
    return objective().item()


objectives = {
    "ce": minimum("ce", nn.CrossEntropyLoss()),
    "ce-weights": minimum("ce-weights", nn.CrossEntropyLoss(weight=torch.tensor([0.5, 1.0, 2.0]))),
    "ce-smoothing": minimum("ce-smoothing", nn.CrossEntropyLoss(label_smoothing=0.1)),
    "ce-weights-smoothing": minimum(
        "ce-weights-smoothing", nn.CrossEntropyLoss(weight=torch.tensor([0.5, 1.0, 2.0]), label_smoothing=0.1)
    ),
    "ce-sum": minimum("ce-sum", nn.CrossEntropyLoss(reduction="sum"), WD * N),
    "ce-sum-weights": minimum(
        "ce-sum-weights", nn.CrossEntropyLoss(reduction="sum", weight=torch.tensor([0.5, 1.0, 2.0])), WD * N
    ),
    "mse-mean": minimum("mse-mean", nn.MSELoss()),
    "mse-sum": minimum("mse-sum", nn.MSELoss(reduction="sum"), WD * N),
}
(folder / "objective.json").write_text(json.dumps(objectives, indent=1) + "\n")
