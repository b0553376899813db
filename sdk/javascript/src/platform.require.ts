import { host } from './host.js';
import type { AsyncHooks, Context } from './platform.types.js';

declare const require: (name: string) => unknown;

// Only Node before 20.16 needs require, and bundlers must not follow it.
const builtin = (name: string): unknown => (host?.versions?.node ? host.getBuiltinModule?.(name) ?? require(name) : undefined);

const hooks = builtin('node:async_hooks') as AsyncHooks | undefined;

export function newContext<T>(): Context<T> | null {
  return hooks ? new hooks.AsyncLocalStorage<T>() : null;
}

export const webCrypto: Crypto | undefined = globalThis.crypto ?? (builtin('node:crypto') as { webcrypto: Crypto } | undefined)?.webcrypto;
