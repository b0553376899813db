import { webCrypto } from '#platform';
import { host } from './host.js';

export const isNode = host?.versions?.node !== undefined;

/** An environment variable, where there are any; an empty one counts as absent. */
export const env = (name: string): string | undefined => host?.env?.[name] || undefined;

/** Whether a variable is switched on: what is not 0, false, no or off. */
export const flag = (name: string, byDefault: boolean): boolean => {
  const text = env(name);
  return text === undefined ? byDefault : !/^(0|false|no|off)$/i.test(text.trim());
};

/** Lets the process end although the time is not up. */
export function unref(running: ReturnType<typeof setTimeout>): void {
  (running as unknown as { unref?(): void }).unref?.();
}

/** setTimeout for times of any length: it takes what is longer than 24 days for one millisecond. */
export const timer = (run: () => void, ms: number): ReturnType<typeof setTimeout> => setTimeout(run, Math.min(ms, 2 ** 31 - 1));

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls at the signal's abort, over one listener however many wait for it: of more than ten Node says that they look like a leak.
 * @returns What takes the call back.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const known = listeners.get(signal);
  const runs = known ?? new Set();
  if (!known) {
    listeners.set(signal, runs);
    signal.addEventListener('abort', () => [...runs].forEach((one) => one()), { once: true });
  }
  runs.add(run);
  return () => void runs.delete(run);
}

/** Waits; an abort ends the waiting at once, without an error. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      return resolve();
    }
    const done = () => {
      clearTimeout(waiting);
      leave?.();
      resolve();
    };
    const waiting = timer(done, ms);
    const leave = signal && onAbort(signal, done);
  });
}

/** A random id (UUID, version 4). */
export function newTraceId(): string {
  if (webCrypto?.randomUUID) {
    return webCrypto.randomUUID();
  }
  // A page that is not served securely has no randomUUID, but it has this.
  const bytes = webCrypto ? webCrypto.getRandomValues(new Uint8Array(16)) : Uint8Array.from({ length: 16 }, () => Math.random() * 256);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const encoder = new TextEncoder();

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

const buffer = (globalThis as { Buffer?: { byteLength(text: string): number } }).Buffer;

/** How many bytes a text has as UTF-8. */
export const utf8Length = (text: string): number => (buffer ? buffer.byteLength(text) : utf8(text).length);
