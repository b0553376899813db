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

const mostCharacters = 8_000_000;

/**
 * JSON of anything: a map, a set, an error, headers, bytes and a regular expression say what is in them, a bigint becomes a number or text, a cycle is cut; what
 * JSON leaves out, such as a function, is left out. What takes this much care, and what is longer than 8,000,000 characters, is cut with
 * an ellipsis after 50,000 values or as many characters.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, bounded()) ?? 'null';
  } catch {
    return JSON.stringify(new PlainCopy().of(value, [])) ?? 'null';
  }
}

/** For JSON.stringify, which would write what stands in a thousand places a thousand times. */
function bounded(): (key: string, value: unknown) => unknown {
  let left = mostCharacters;
  return (key, value) => {
    left -= 4 + key.length + (typeof value === 'string' ? value.length : 0);
    if (left < 0) {
      throw new RangeError('More than the server takes.');
    }
    return typeof value === 'object' && value !== null ? opened(value) : value;
  };
}

/** What JSON would write as an empty object, or with its indexes as names, as what it holds. */
function opened(value: object): object | string {
  if (value instanceof Error) {
    return describeError(value);
  }
  if (value instanceof Map) {
    const members = [...value];
    return members.every(([key]) => typeof key === 'string') ? Object.fromEntries(members) : members;
  }
  if (value instanceof Set) {
    return [...value];
  }
  if (value instanceof RegExp) {
    return String(value);
  }
  if (typeof Headers === 'function' && value instanceof Headers) {
    return Object.fromEntries(value);
  }
  if (value instanceof ArrayBuffer) {
    return Array.from(new Uint8Array(value));
  }
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Uint8Array) : value;
}

/** A copy that JSON can say. It has a bound: where everything holds everything, there are more paths than any host has time for. */
class PlainCopy {
  #valuesLeft = 50_000;
  #charactersLeft = mostCharacters;

  of(value: unknown, above: object[]): unknown {
    if (this.#isFull) {
      return '…';
    }
    this.#valuesLeft--;
    if (typeof value === 'string') {
      return this.#text(value);
    }
    if (typeof value === 'bigint') {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : this.#text(String(value));
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
        return this.of(toJSON.call(value), path);
      }
      const inside = opened(value);
      if (inside !== value) {
        return this.of(inside, path);
      }
      return Array.isArray(value) ? this.#items(value, path) : this.#members(value, path);
    } catch {
      return '[unreadable]';
    }
  }

  get #isFull(): boolean {
    return this.#valuesLeft <= 0 || this.#charactersLeft <= 0;
  }

  #text(text: string): string {
    const kept = text.slice(0, this.#charactersLeft);
    this.#charactersLeft -= kept.length;
    return kept.length < text.length ? `${kept}…` : kept;
  }

  #items(list: unknown[], path: object[]): unknown[] {
    const copy: unknown[] = [];
    while (copy.length < list.length && !this.#isFull) {
      copy.push(this.of(list[copy.length], path));
    }
    if (copy.length < list.length) {
      copy.push('…');
    }
    return copy;
  }

  #members(object: object, path: object[]): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      if (this.#isFull) {
        copy['…'] = '…';
        break;
      }
      this.#charactersLeft = Math.max(0, this.#charactersLeft - key.length);
      try {
        const value = (object as Record<string, unknown>)[key];
        copy[key] = path.length === 1 ? this.#ofHalf(value, path) : this.of(value, path);
      } catch {
        copy[key] = '[unreadable]';
      }
    }
    return copy;
  }

  /** A member of the outermost object, such as the metadata of a trace, takes no more than half of what is left: others come after it. */
  #ofHalf(value: unknown, path: object[]): unknown {
    const values = this.#valuesLeft >> 1;
    const characters = this.#charactersLeft >> 1;
    this.#valuesLeft -= values;
    this.#charactersLeft -= characters;
    const copy = this.of(value, path);
    this.#valuesLeft += values;
    this.#charactersLeft += characters;
    return copy;
  }
}

/** Arguments and results are cut here, well below the 1 MiB that the server takes. */
export const longest = 250_000;

/** Text of anything: a string is itself, the rest is JSON. */
export function toText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : toJson(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
}
