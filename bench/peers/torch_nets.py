"""PyTorch side of the network benchmarks: one training step of the paper's architectures with a deep linear head.

usage: torch_nets.py --model mlp|resnet18|vgg16 [--width-multiplier 1] [--batch 128] [--depth 3] [--steps 10] [--channels 3 --size 32]
                     [--threads 2] [--channels-last] [--compile]
prints one JSON line: samples per second of a full training step (forward, backward, SGD momentum).
"""
import os
import argparse, json, time
import torch, torch.nn as nn

p = argparse.ArgumentParser()
p.add_argument("--model", default="mlp"); p.add_argument("--batch", type=int, default=128); p.add_argument("--depth", type=int, default=3)
p.add_argument("--hidden", type=int, default=512); p.add_argument("--steps", type=int, default=10)
p.add_argument("--width-multiplier", type=float, default=1.0); p.add_argument("--channels", type=int, default=3)
p.add_argument("--size", type=int, default=32); p.add_argument("--channels-last", action="store_true"); p.add_argument("--compile", action="store_true")
p.add_argument("--threads", type=int, default=2); p.add_argument("--device", default="cpu")
a = p.parse_args(); torch.set_num_threads(a.threads); torch.manual_seed(0)
w = lambda c: max(1, int(c * a.width_multiplier))

def conv(i, o, k=3, s=1): return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o))

class Block(nn.Module):
    def __init__(self, i, o, s):
        super().__init__(); self.a, self.b = conv(i, o, 3, s), conv(o, o)
        self.short = nn.Sequential() if s == 1 and i == o else conv(i, o, 1, s)
    def forward(self, x): return torch.relu(self.b(torch.relu(self.a(x))) + self.short(x))

def backbone():
    if a.model == "mlp":
        dims = [a.channels * a.size ** 2] + [a.hidden] * 6; ls = [nn.Flatten()]
        for i, o in zip(dims, dims[1:]): ls += [nn.Linear(i, o), nn.ReLU()]
        return nn.Sequential(*ls, nn.Linear(a.hidden, a.hidden)), a.hidden
    if a.model == "resnet18":
        ls = [conv(a.channels, w(64)), nn.ReLU()]; c = w(64)
        for o, s in ((64, 1), (128, 2), (256, 2), (512, 2)):
            ls += [Block(c, w(o), s), Block(w(o), w(o), 1)]; c = w(o)
        return nn.Sequential(*ls, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(c)), c
    ls, c = [], a.channels
    for o in (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"):
        if o == "M": ls += [nn.MaxPool2d(2)]
        else: ls += [nn.Conv2d(c, w(o), 3, padding=1), nn.BatchNorm2d(w(o)), nn.ReLU()]; c = w(o)
    return nn.Sequential(*ls, nn.Flatten(), nn.BatchNorm1d(c)), c

body, d = backbone()
head = nn.Sequential(*[nn.Linear(d if i == 0 else a.hidden, a.hidden, bias=False) for i in range(a.depth - 1)], nn.Linear(a.hidden if a.depth > 1 else d, 10))
net = nn.Sequential(body, head).to(a.device); opt = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
x = torch.randn(a.batch, a.channels, a.size, a.size, device=a.device); y = torch.nn.functional.one_hot(torch.arange(a.batch) % 10, 10).float().to(a.device)

if a.channels_last: net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
forward = torch.compile(net) if a.compile else net

def step():
    opt.zero_grad(); f = ((forward(x) - y) ** 2).sum() / (2 * a.batch); f.backward(); opt.step(); return f
for _ in range(2): step()
if a.device != "cpu": torch.cuda.synchronize()
t = time.perf_counter()
for _ in range(a.steps): f = step()
f.item(); t = time.perf_counter() - t
print(json.dumps(dict(spin=os.environ.get("GOMP_SPINCOUNT"), threads=a.threads, channelsLast=a.channels_last, compiled=a.compile, blas="mkl" if torch.backends.mkl.is_available() else "blas", engine="torch " + torch.__version__, model=a.model, multiplier=a.width_multiplier, batch=a.batch, samplesPerSecond=a.batch * a.steps / t, parameters=sum(q.numel() for q in net.parameters()))))
