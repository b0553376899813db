/** The part of AsyncLocalStorage that is used. */
export interface Context<T> {
  run<R>(store: T, callback: () => R): R;
  getStore(): T | undefined;
}

/** The part of Node's process that is used, where there is one. */
export interface HostProcess {
  env?: Record<string, string | undefined>;
  versions?: { node?: string };
  getBuiltinModule?(name: string): unknown;
  on(event: 'beforeExit' | 'exit', listener: () => void): unknown;
  off(event: 'beforeExit' | 'exit', listener: () => void): unknown;
}

/** The part of node:async_hooks that is used. */
export interface AsyncHooks {
  AsyncLocalStorage: new <T>() => Context<T>;
}
