// What differs between Node and browsers. There are three of these, for the three ways to reach Node's modules:
//   platform.ts          bundles and pages: only where the platform hands them out
//   platform.node.ts     ES modules in Node (see "imports" in package.json)
//   platform.require.ts  CommonJS
import { host } from './host.js';
import type { AsyncHooks, Context } from './platform.types.js';

const hooks = host?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined;

/** Follows a call through promises. Null where the platform cannot: nested calls then do not know their parents. */
export function newContext<T>(): Context<T> | null {
  return hooks ? new hooks.AsyncLocalStorage<T>() : null;
}

export const webCrypto: Crypto | undefined = globalThis.crypto;
