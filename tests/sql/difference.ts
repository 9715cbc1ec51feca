/** The first difference between two JSON values, as `.field.0 is …, expected …`; null if there is none. */
export function differenceBetween(real: unknown, expected: unknown, path = ""): string | null {
  const fields = (value: unknown) => Object(value) === value ? value as Record<string, unknown> : undefined;
  const [reals, wanted] = [fields(real), fields(expected)];
  if (reals && wanted && Array.isArray(real) === Array.isArray(expected)) {
    for (const key of new Set([...Object.keys(reals), ...Object.keys(wanted)])) {
      const difference = differenceBetween(reals[key], wanted[key], `${path}.${key}`);
      if (difference) return difference;
    }
    return null;
  }
  const text = (value: unknown) => JSON.stringify(value)?.slice(0, 500);
  return real === expected ? null : `${path} is ${text(real)}, expected ${text(expected)}`;
}
