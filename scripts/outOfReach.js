/** What of the authors' code was not run at its own scale, and how long that would take on the two cores of docs/benchmarks.md. */

const EPOCHS = 200;
const IMAGES = 50_000;
/** Images a second in training, from the table of docs/benchmarks.md: all six ReLU layers of width 512, and the whole networks. */
const RATES = { mlp: 5420, resnet18: 54.5, vgg16: 108 };

/** @param {number} images @param {number} rate */
const hours = (images, rate) => {
  const value = images / rate / 3600;
  return value < 10 ? `${value.toFixed(1)} hours` : `${Math.round(value)} hours`;
};

export function outOfReachSection() {
  const all = EPOCHS * IMAGES;
  const rows = [
    [
      'MLP, balanced, CIFAR-10, width 512',
      '8',
      `${hours(all, RATES.mlp)} a run, width 1024 about 4 and 2048 about 16 times that`,
    ],
    [
      'MLP, imbalanced, CIFAR-10, width 2048',
      '3',
      `about ${hours(16 * 12_000 * 3000, RATES.mlp)} a run (width 512: above, on a GPU)`,
    ],
    ['ResNet18, balanced, CIFAR-10', '8', `${hours(all, RATES.resnet18)} a run`],
    ['VGG16, balanced, CIFAR-10', '8', `${hours(all, RATES.vgg16)} a run`],
    [
      'EMNIST letters: MLP, ResNet18, VGG16',
      '22',
      'the files were not at hand; ResNet18 and VGG16 2.5 times as long as on CIFAR-10',
    ],
  ];
  const head = ['experiment of their code', 'variants', 'one seed, on two cores'];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `## Not run at the paper's scale

Estimates from the images a second of [benchmarks.md](benchmarks.md) for one hidden width of 512, without measuring; four of the five training batches of CIFAR-10 were not at hand either. \`collapsar reproduce NAME --scale paper --data DIR\` times a few steps on your machine and says how long a run takes before it starts.

${table}`;
}
