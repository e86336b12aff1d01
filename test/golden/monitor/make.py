"""Makes the monitored run of this folder, and the whole features of its last epoch: PYTHONPATH=python/src python3 make.py

Float64, three classes of unequal size, a head of two layers without a hidden bias, a free bias on the last.
"""

import shutil
from pathlib import Path

import torch
from torch import nn

from collapsar import Monitor, collect

here = Path(__file__).parent
shutil.rmtree(here / "run", ignore_errors=True)
torch.manual_seed(5)
torch.set_default_dtype(torch.float64)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(12, 9), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(9, 5, bias=False), nn.Linear(5, 3))

    def forward(self, x):
        return self.head(self.body(x))


def images(counts):
    labels = torch.repeat_interleave(torch.arange(3), torch.tensor(counts))
    centres = torch.randn(3, 1, 3, 3, generator=torch.Generator().manual_seed(1))
    return centres[labels] + 0.4 * torch.randn(len(labels), 1, 3, 3), labels


train, test = images([30, 20, 10]), images([8, 5, 4])
model = Network()
decayed = [p for p in model.parameters() if p.ndim > 1]
free = [p for p in model.parameters() if p.ndim == 1]
optimizer = torch.optim.SGD(
    [{"params": decayed}, {"params": free, "weight_decay": 0.0}], lr=0.1, momentum=0.9, weight_decay=2e-3
)
loss = nn.CrossEntropyLoss()
monitor = Monitor(
    model, here / "run", loss=loss, optimizer=optimizer, layers=["body.0"], every=[0, 10, 300], class_names=["a", "b", "c"]
)
for epoch in range(301):
    optimizer.zero_grad()
    loss(model(train[0]), train[1]).backward()
    optimizer.step()
    monitor.epoch(epoch, train=[train], test=[test])
for name, data in (("train", train), ("test", test)):
    collect(model, [data], out=here / f"{name}.safetensors")
