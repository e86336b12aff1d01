/**
 * The Python that writes what `measure` reads from a network in PyTorch: given wherever a `.pt` file is
 * refused.
 *
 * Each line is one simple statement, so joined by semicolons they also run as a single line.
 */

/**
 * Needs `features` (N×d tensor, rows are samples), `labels` (N integers) and `head` (the linear layers,
 * nearest the features first, weights out×in); writes features, labels, W1 … WM and the biases b1 … bM of the layers
 * that have one.
 */
export const PYTORCH_EXPORT_LINES: readonly string[] = [
  'import numpy, torch',
  'arrays = {"features": features, "labels": labels}',
  'arrays.update({f"W{i}": layer.weight for i, layer in enumerate(head, 1)})',
  'arrays.update({f"b{i}": layer.bias for i, layer in enumerate(head, 1) if layer.bias is not None})',
  'arrays = {name: torch.as_tensor(value).detach().cpu().numpy() for name, value in arrays.items()}',
  'numpy.savez("network.npz", **arrays)',
];

/** What to do instead, as the hint of an error: one line. */
export function pytorchHint(): string {
  return (
    'write an npz in PyTorch, with features (N×d), labels (N) and head (its linear layers, nearest the features ' +
    `first): ${PYTORCH_EXPORT_LINES.join('; ')}`
  );
}
