import { AsyncLocalStorage } from 'node:async_hooks';
import { webcrypto } from 'node:crypto';
import type { Context } from './platform.types.js';

export function newContext<T>(): Context<T> | null {
  return new AsyncLocalStorage<T>();
}

export const webCrypto: Crypto | undefined = webcrypto;
