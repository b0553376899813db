import { LLMEvalClient } from './client.js';
import { currentTrace, runAs, type CurrentTrace } from './context.js';
import { newTraceId } from './environment.js';
import { describeError, longest, toText } from './text.js';
import { isNativePromise, isThenable, watchPromise, watchThenable } from './thenable.js';
import type { TraceInput } from './types.js';

export interface ObserveOptions {
  /** Default: the function's own name. */
  name?: string;
  kind?: 'span' | 'llm' | 'tool' | 'agent' | 'retriever';
  /** Default: the name. */
  modelName?: string;
  captureInput?: boolean;
  captureOutput?: boolean;
  metadata?: Record<string, unknown>;
  /** Default: one that is made from the environment. */
  client?: Pick<LLMEvalClient, 'capture'>;
}

let shared: LLMEvalClient | undefined;

let isTold = false;

/**
 * The client of helpers that were given none.
 * @throws {LLMEvalError} The environment has settings that nothing could work with. The console is told so once: helpers never throw.
 */
export function defaultClient(): LLMEvalClient {
  try {
    return (shared ??= new LLMEvalClient());
  } catch (error) {
    if (!isTold) {
      isTold = true;
      console.warn(`llm-eval-sdk: nothing is captured without a client, and none can be made of the environment: ${(error as Error).message}`);
    }
    throw error;
  }
}

/**
 * Wraps a function so that each call becomes a trace: what went in, what came out or went wrong, how long it took, and inside of which
 * other observed call. Works for functions, async functions, and generators of both kinds; the function itself is not changed. A thenable
 * that is no promise of the language, such as a query that runs when it is awaited, comes back as it is and is logged when it is awaited.
 * @throws {TypeError} What is given is no function.
 * @returns A function with the length, the name and the properties of the given one.
 */
export function observe<F extends (...args: any[]) => any>(fn: F, options: ObserveOptions = {}): F {
  if (typeof fn !== 'function') {
    throw new TypeError(`observe takes a function, not ${fn === null ? 'null' : typeof fn}; a name is given as observe(fn, { name }).`);
  }
  const name = options.name ?? (fn.name || 'anonymous');
  const observed = function (this: unknown, ...args: unknown[]): unknown {
    const span = new Span(name, options, options.captureInput === false ? '' : args.length === 1 ? args[0] : args);
    // A class, too, is a function, and is called with "new" alone.
    return span.watch(() => (new.target ? Reflect.construct(fn, args, new.target) : fn.apply(this, args)));
  };
  for (const key of Reflect.ownKeys(fn)) {
    // These two belong to the engine.
    if (key !== 'arguments' && key !== 'caller') {
      Reflect.defineProperty(observed, key, Reflect.getOwnPropertyDescriptor(fn, key)!);
    }
  }
  return observed as F;
}

/** Runs a function as an observed call. */
export function withSpan<R>(name: string, fn: () => R, options: Omit<ObserveOptions, 'name'> = {}): R {
  return observe(fn, { captureInput: false, ...options, name })();
}

class Span implements CurrentTrace {
  readonly traceId = newTraceId();
  readonly name: string;
  readonly metadata: Record<string, unknown>;
  readonly #options: ObserveOptions;
  readonly #parent = currentTrace()?.traceId;
  readonly #startedAt = new Date();
  readonly #started = performance.now();
  // As text at once: the host may change its arguments while it works.
  readonly #input: string;
  #logged = false;

  constructor(name: string, options: ObserveOptions, input: unknown) {
    this.name = name;
    this.#options = options;
    this.metadata = { ...options.metadata };
    this.#input = safely(() => toText(input)) ?? '';
  }

  watch(run: () => unknown): unknown {
    let result: unknown;
    try {
      result = runAs(this, run);
    } catch (error) {
      this.#log(undefined, error);
      throw error;
    }
    if (isNativePromise(result)) {
      return watchPromise(result, this.#log);
    }
    if (isThenable(result)) {
      safely(() => watchThenable(result, this.#log));
      return result;
    }
    if (isGenerator(result, Symbol.asyncIterator)) {
      return this.#asyncItems(result as AsyncGenerator);
    }
    if (isGenerator(result, Symbol.iterator)) {
      return this.#items(result as Generator);
    }
    this.#log(result);
    return result;
  }

  *#items(source: Generator): Generator {
    const seen = new Seen();
    let failure: unknown;
    try {
      let step = runAs(this, () => source.next());
      while (!step.done) {
        seen.add(step.value);
        let sent: unknown;
        try {
          sent = yield step.value;
        } catch (error) {
          step = runAs(this, () => source.throw(error));
          continue;
        }
        step = runAs(this, () => source.next(sent));
      }
      return step.value;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      source.return?.(undefined);
      this.#log(seen.joined, failure);
    }
  }

  async *#asyncItems(source: AsyncGenerator): AsyncGenerator {
    const seen = new Seen();
    let failure: unknown;
    try {
      let step = await runAs(this, () => source.next());
      while (!step.done) {
        seen.add(step.value);
        let sent: unknown;
        try {
          sent = yield step.value;
        } catch (error) {
          step = await runAs(this, () => source.throw(error));
          continue;
        }
        step = await runAs(this, () => source.next(sent));
      }
      return step.value;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      await source.return?.(undefined);
      this.#log(seen.joined, failure);
    }
  }

  readonly #log = (output: unknown, error?: unknown): void => {
    if (this.#logged) {
      return;
    }
    this.#logged = true;
    safely(() => {
      const { kind = 'span', modelName, captureOutput, client } = this.#options;
      const trace: TraceInput = {
        traceId: this.traceId,
        modelName: modelName ?? this.name,
        userQuery: this.#input,
        aiResponse: captureOutput === false ? '' : toText(output),
        timestamp: this.#startedAt,
        responseTimeMs: Math.round((performance.now() - this.#started) * 1_000) / 1_000,
        metadata: { name: this.name, kind, ...this.metadata },
        ...(this.#parent !== undefined && { parentId: this.#parent }),
        ...(error !== undefined && { error: describeError(error) }),
      };
      (client ?? defaultClient()).capture(trace);
    });
  };
}

/** Enough of what a generator gave; a stream may have no end. */
class Seen {
  readonly #values: unknown[] = [];
  #size = 0;

  add(value: unknown): void {
    if (this.#values.length < 10_000 && this.#size < longest) {
      this.#values.push(value);
      this.#size += typeof value === 'string' ? value.length : ArrayBuffer.isView(value) ? value.byteLength : 64;
    }
  }

  get joined(): unknown {
    return this.#values.every((value) => typeof value === 'string') ? this.#values.join('') : this.#values;
  }
}

function safely<R>(run: () => R): R | undefined {
  try {
    return run();
  } catch {
    // Watching must never hurt what is watched.
    return undefined;
  }
}

const isGenerator = (value: any, iterator: symbol): boolean =>
  typeof value === 'object' && value !== null && typeof value.next === 'function' && typeof value[iterator] === 'function';
