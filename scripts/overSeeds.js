/** Mean over seeds and, in brackets, the standard deviation (1/(n − 1)). @param {number[]} values */
export function overSeeds(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  );
  return `${Number(mean.toPrecision(3))} (${Number(deviation.toPrecision(2))})`;
}
