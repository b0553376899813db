// What differs between Node and browsers. Bundlers take this file; Node takes platform.node.ts (see "imports" in package.json).
import type { Context, HostProcess } from './platform.types.js';

const host = (globalThis as { process?: HostProcess }).process;
const hooks = host?.getBuiltinModule?.('node:async_hooks') as { AsyncLocalStorage: new <T>() => Context<T> } | undefined;

/** Follows a call through promises. Null where the platform cannot: nested calls then do not know their parents. */
export function newContext<T>(): Context<T> | null {
  return hooks ? new hooks.AsyncLocalStorage<T>() : null;
}

export const webCrypto: Crypto | undefined = globalThis.crypto;
