"""PyTorch side of the direct-optimisation benchmark: the way a researcher would write it.

usage: torch_ufm.py --counts 200,100,50,50 --depth 3 --width 64 --steps 3000 [--float64] [--metrics-every 0]
prints one JSON line: steps per second, final objective. Needs only torch (Debian: python3-torch).
"""
import argparse, json, time
import torch

p = argparse.ArgumentParser()
p.add_argument("--counts", default="200,100,50,50"); p.add_argument("--depth", type=int, default=3)
p.add_argument("--width", type=int, default=64); p.add_argument("--steps", type=int, default=3000)
p.add_argument("--lr", type=float, default=0.1); p.add_argument("--momentum", type=float, default=0.9)
p.add_argument("--weight-decay", type=float, default=5e-4); p.add_argument("--feature-decay", type=float, default=5e-4)
p.add_argument("--std", type=float, default=0.1); p.add_argument("--seed", type=int, default=0)
p.add_argument("--float64", action="store_true"); p.add_argument("--metrics-every", type=int, default=0)
p.add_argument("--threads", type=int, default=2); p.add_argument("--device", default="cpu"); p.add_argument("--compile", action="store_true")
a = p.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(a.seed)
dt = torch.float64 if a.float64 else torch.float32
n = [int(c) for c in a.counts.split(",")]; N, K, d = sum(n), len(n), a.width
labels = torch.cat([torch.full((c,), k) for k, c in enumerate(n)]).to(a.device)
Y = torch.nn.functional.one_hot(labels, K).to(dt)
mk = lambda r, c: torch.nn.Parameter(a.std * torch.randn(r, c, dtype=dt, device=a.device))
H = mk(N, d); W = [mk(d, d) for _ in range(a.depth - 1)] + [mk(K, d)]
opt = torch.optim.SGD([H, *W], lr=a.lr, momentum=a.momentum)

def data_and_decay():
    Z = H
    for w in W: Z = Z @ w.T
    return ((Z - Y) ** 2).sum() / (2 * N) + a.weight_decay / 2 * sum((w ** 2).sum() for w in W) + a.feature_decay / 2 * (H ** 2).sum()

objective = torch.compile(data_and_decay) if a.compile else data_and_decay

def metrics():
    with torch.no_grad():
        M = torch.stack([H[labels == k].mean(0) for k in range(K)]); D = H - M[labels]; C = M - H.mean(0)
        return torch.trace((D.T @ D / N) @ torch.linalg.pinv(C.T @ C / K)).item() / K

for _ in range(20):
    opt.zero_grad(); objective().backward(); opt.step()
t = time.perf_counter()
for s in range(a.steps):
    opt.zero_grad(); f = objective(); f.backward(); opt.step()
    if a.metrics_every and s % a.metrics_every == 0: metrics()
f = f.item(); t = time.perf_counter() - t
print(json.dumps(dict(engine="torch " + torch.__version__, counts=n, depth=a.depth, width=d, threads=a.threads, compiled=a.compile, dtype=str(dt), stepsPerSecond=a.steps / t, objective=f)))
