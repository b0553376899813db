/** Hears what a promise gave, or with what it failed. */
type Settled = (value: unknown, error?: unknown) => void;

type Then = (this: unknown, onValue?: unknown, onError?: unknown, ...more: unknown[]) => unknown;

interface Thenable {
  then: Then;
}

export const isThenable = (value: any): value is Thenable => typeof value?.then === 'function';

/** Not one of a subclass, which may do its work only in its `then`. */
export const isNativePromise = (value: unknown): value is Promise<unknown> =>
  value instanceof Promise && value.constructor === Promise && value.then === Promise.prototype.then;

/**
 * A promise that ends like the given one, after `settled` has heard how. The given one counts as handled from now on: who leaves a failure
 * unhandled leaves it in the promise that is returned. It has the properties that the given one was furnished with.
 */
export function watchPromise(promise: Promise<unknown>, settled: Settled): Promise<unknown> {
  const watched = promise.then(
    (value) => {
      settled(value);
      return value;
    },
    (error: unknown) => {
      settled(undefined, error);
      throw error;
    },
  );
  for (const key of Object.keys(promise)) {
    Object.defineProperty(watched, key, Object.getOwnPropertyDescriptor(promise, key)!);
  }
  return watched;
}

/**
 * Lets `settled` hear how a thenable ends when its owner first calls its `then`, and not before: for a query, that call is what runs it.
 * Until then the object has a `then` of its own. One that takes none is told of at once, without a value.
 */
export function watchThenable(thenable: Thenable, settled: Settled): void {
  const original = thenable.then;
  const own = Object.getOwnPropertyDescriptor(thenable, 'then');
  const watched: Then = function (onValue, onError, ...more) {
    if (Object.getOwnPropertyDescriptor(thenable, 'then')?.value === watched) {
      restore(thenable, own);
    }
    const pass = (value: unknown): unknown => {
      settled(value);
      return typeof onValue === 'function' ? onValue(value) : value;
    };
    const fail = (error: unknown): unknown => {
      settled(undefined, error);
      if (typeof onError === 'function') {
        return onError(error);
      }
      throw error;
    };
    return original.call(this, pass, fail, ...more);
  };
  if (!Reflect.defineProperty(thenable, 'then', { value: watched, configurable: true, enumerable: own?.enumerable ?? false, writable: true })) {
    settled(undefined);
  }
}

function restore(thenable: Thenable, own: PropertyDescriptor | undefined): void {
  // Neither throws where the object was frozen meanwhile.
  if (own) {
    Reflect.defineProperty(thenable, 'then', own);
  } else {
    Reflect.deleteProperty(thenable, 'then');
  }
}
