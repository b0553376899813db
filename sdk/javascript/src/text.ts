/** What is kept of an exception: enough to see what happened, and no stack with paths of the host. */
export function describeError(error: unknown): { type: string; message: string; [key: string]: unknown } {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: toText(error) };
  }
  const { status, code } = error as { status?: unknown; code?: unknown };
  return {
    type: error.name || error.constructor.name,
    message: error.message,
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
  };
}

/** JSON of anything: what JSON cannot say becomes text, a cycle is cut, a getter that throws is left out. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return JSON.stringify(plain(value, [])) ?? 'null';
  }
}

function plain(value: unknown, above: object[]): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (above.includes(value)) {
    return '[circular]';
  }
  // Deeper than the server takes.
  if (above.length > 60) {
    return '[too deep]';
  }
  const path = [...above, value];
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      return plain(toJSON.call(value), path);
    }
    if (Array.isArray(value)) {
      return value.map((item) => plain(item, path));
    }
  } catch {
    return '[unreadable]';
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    try {
      copy[key] = plain((value as Record<string, unknown>)[key], path);
    } catch {
      copy[key] = '[unreadable]';
    }
  }
  return copy;
}

/** Arguments and results are cut here, well below the 1 MiB that the server takes. */
const longest = 250_000;

/** Text of anything: a string is itself, the rest is JSON. */
export function toText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : toJson(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
}
