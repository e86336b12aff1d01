"""One of the foretold scans again: python train.py SCAN DATA DECAY [DECAY ...]

Reads the setting of SCAN from predictions.json or rarest.json beside this file, trains in PyTorch (float32, one thread) at each weight
decay, and prints the accuracy of each class on the training images. DATA holds mnist, fashion-mnist and
cifar-10-batches-bin. `weights` and `resample` take shares of the loss; all weights and biases are decayed. With `against`
the network has one output, a logit for that class against all the others together.
"""
import gzip, json, os, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

NORMALISE = {'fashion-mnist': (.286, .353), 'mnist': (.1307, .3081)}


def idx(path):
    data = gzip.open(path).read()
    shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], 'big') for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def first_of_each(labels, counts):
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:n] for k, n in enumerate(counts)]))


def images(folder, name, counts):
    X = idx(f'{folder}/{name}/train-images-idx3-ubyte.gz')
    y = idx(f'{folder}/{name}/train-labels-idx1-ubyte.gz').astype(int)
    take, (mean, std) = first_of_each(y, counts), NORMALISE[name]
    return ((X[take] / 255. - mean) / std).astype(np.float32), y[take]


def grey_cifar(folder, counts):
    rows = np.fromfile(f'{folder}/cifar-10-batches-bin/data_batch_1.bin', np.uint8).reshape(-1, 3073)
    take = first_of_each(rows[:, 0], counts)
    X = rows[take, 1:].reshape(-1, 3, 32, 32).astype(float).mean(1)[:, 2:30, 2:30] / 255
    return ((X - .475) / .24).astype(np.float32), rows[take, 0].astype(int)


def gaussian(counts, d=784):
    rng, y = np.random.default_rng(5), np.repeat(np.arange(len(counts)), counts)
    means, common = rng.normal(size=(len(counts), d)) * .45, rng.normal(size=d) * .4
    low = rng.normal(size=(60, d)) / 60 ** .5
    X = means[y] + common + (rng.normal(size=(len(y), 60)) @ low) * .6 + rng.normal(size=(len(y), d)) * .25
    return X.astype(np.float32).reshape(-1, 28, 28), y


def parts_of_classes(folder, counts, parts=5):
    """Each class of Fashion-MNIST and MNIST cut into five by k-means on its first 1000 images: 100 classes of images.
    Part p of class c of set s is class 20p + 2c + s; of each the first images in the order of the file."""
    chosen = []
    for s, name in enumerate(('fashion-mnist', 'mnist')):
        X, y = images(folder, name, [1000] * 10)
        for c in range(10):
            rows = X[y == c].reshape(1000, -1).astype(float)
            rng = np.random.default_rng(100 * s + c)
            centres = rows[rng.choice(1000, parts, replace=False)]
            for _ in range(50):
                part = np.stack([((rows - m) ** 2).sum(1) for m in centres], 1).argmin(1)
                centres = np.stack([rows[part == p].mean(0) for p in range(parts)])
            for p, q in enumerate(np.argsort(-np.bincount(part, minlength=parts), kind='stable')):
                k = 20 * p + 2 * c + s
                chosen.append((X[y == c][part == q][:counts[k]], k))
                assert len(chosen[-1][0]) == counts[k], (k, counts[k], len(chosen[-1][0]))
    chosen.sort(key=lambda pair: pair[1])
    return np.concatenate([X for X, _ in chosen]), np.concatenate([np.full(len(X), k) for X, k in chosen])


def dataset(folder, setting):
    counts = setting['counts']
    if setting['data'] == 'parts':
        return parts_of_classes(folder, counts)
    if setting['data'] == 'gauss':
        return gaussian(counts)
    if setting['data'] in NORMALISE:
        return images(folder, setting['data'], counts)
    # Several sets in one: their classes take turns.
    makers = [lambda c: images(folder, 'fashion-mnist', c), lambda c: images(folder, 'mnist', c), lambda c: grey_cifar(folder, c)]
    makers = makers[:2] if setting['data'] == 'both' else makers
    parts = [make(counts[i::len(makers)]) for i, make in enumerate(makers)]
    return np.concatenate([X for X, _ in parts]), np.concatenate([len(makers) * y + i for i, (_, y) in enumerate(parts)])


def network(setting, K):
    W = setting['width']
    if setting['arch'] == 'cnn':
        layers = [nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 49, W), nn.ReLU(), nn.Linear(W, K)]
    else:
        sizes = [784] + [W] * (setting['L'] - 1)
        hidden = [part for a, b in zip(sizes[:-2], sizes[1:-1]) for part in (nn.Linear(a, b), nn.ReLU())]
        layers = [nn.Flatten(), *hidden, nn.Linear(sizes[-2], W), nn.Linear(W, K, bias=setting['bias'] != 'none')]
    net = nn.Sequential(*layers)
    for layer in net:
        if hasattr(layer, 'weight'):
            nn.init.orthogonal_(layer.weight) if setting['init'] == 'ortho' else nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return net


def moved(x, augment, generator):
    if augment == 'each':
        steps = torch.randint(-2, 3, (len(x), 2), generator=generator).tolist()
        return torch.stack([torch.roll(a, tuple(step), (-2, -1)) for a, step in zip(x, steps)])
    if augment:
        down, right = torch.randint(-3, 4, (2,), generator=generator).tolist()
        x = torch.roll(x, (down, right), (-2, -1))
        return x.flip(-1) if torch.rand(1, generator=generator).item() < .5 else x
    return x


def train(setting, shares, decay, X, y):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    counts, N = torch.tensor(setting['counts'], dtype=torch.float64), len(y)
    K, B, omega = len(counts), setting['batch'], torch.tensor(shares, dtype=torch.float64)
    X, y = torch.tensor(X), torch.tensor(y)
    X = X[:, None] if setting['arch'] == 'cnn' else X
    against = setting.get('against')
    net = network(setting, K if against is None else 1)
    rules = {'sgd': lambda p: torch.optim.SGD(p, setting['lr'], momentum=.9, weight_decay=decay),
             'adam': lambda p: torch.optim.Adam(p, setting['lr'], weight_decay=decay),
             'adamw': lambda p: torch.optim.AdamW(p, setting['lr'], weight_decay=decay)}
    optimizer = rules[setting['opt']](net.parameters())
    weights = (omega / counts * N).float() if setting['weights'] else torch.ones(K)
    for epoch in range(setting['epochs']):
        if epoch == int(.8 * setting['epochs']):
            for group in optimizer.param_groups:
                group['lr'] *= setting['drop']
        order = torch.multinomial((omega / counts)[y], N, True, generator=generator) if setting['resample'] else torch.randperm(N, generator=generator)
        for i in range(0, N, B):
            j = order[i:i + B]
            z, t = net(moved(X[j], setting['augment'], generator)), y[j]
            if against is not None:
                loss = F.binary_cross_entropy_with_logits(z[:, 0], (t == against).float(), reduction='none')
            else:
                loss = F.cross_entropy(z, t, reduction='none', label_smoothing=setting['smooth']) if setting['loss'] == 'ce' else .5 * ((z - F.one_hot(t, K)) ** 2).sum(1)
            optimizer.zero_grad()
            (loss * weights[t]).mean().backward()
            optimizer.step()
    with torch.no_grad():
        z = net(X)
        right = z.argmax(1) == y if against is None else (z[:, 0] > 0) == (y == against)
    if against is not None:
        return [round(float(right[y == against].float().mean()), 3)]
    return [round(float(right[y == k].float().mean()), 3) for k in range(K)]


if __name__ == '__main__':
    name, folder, *decays = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    scans = [each for file in ('predictions.json', 'rarest.json') for each in json.load(open(os.path.join(here, file)))['scans']]
    scan = next(each for each in scans if each['scan'] == name)
    X, y = dataset(folder, scan['setting'])
    for decay in map(float, decays):
        print(decay, train(scan['setting'], scan['shares'], decay, X, y), flush=True)
