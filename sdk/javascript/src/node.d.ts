// The two modules of Node that are used, so that building needs no types of a particular Node.
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, callback: () => R): R;
    getStore(): T | undefined;
  }
}

declare module 'node:crypto' {
  export const webcrypto: Crypto;
}
