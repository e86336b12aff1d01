/** Starts the workers of the page; the build fills in their file names, which lie beside the page. */
declare const LAB_WORKERS: Readonly<Record<'train' | 'theory' | 'network', string>>;

export function spawn(name: keyof typeof LAB_WORKERS): Worker {
  return new Worker(new URL(LAB_WORKERS[name], document.baseURI), { type: 'module', name });
}
