/** Files that `collapsar lab RUN` puts into the page, in a block of data. */

/** Empty for a page that was opened without a run. */
export function openedFiles(): readonly File[] {
  const block = document.getElementById('opened-files');
  if (block === null) return [];
  const files: unknown = JSON.parse(block.textContent);
  return Array.isArray(files) ? files.flatMap(asFile) : [];
}

function asFile(value: unknown): File[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('text' in value)) return [];
  const { name, text } = value;
  return typeof name === 'string' && typeof text === 'string' ? [new File([text], name)] : [];
}
