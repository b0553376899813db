import { connection, toQuery, type ClientOptions } from './client.js';
import { onAbort, sleep, timer, unref } from './environment.js';
import { APIConnectionError, APIError, LLMEvalError } from './errors.js';
import { Http } from './http.js';
import { SseParser } from './sse.js';
import type { EvaluationStatus, Metrics, StreamEvent } from './types.js';

export interface StreamOptions extends Pick<ClientOptions, 'baseUrl' | 'apiKey' | 'headers' | 'fetch' | 'log'> {
  onError?: (error: StreamError) => void;
  /** Without any byte, heartbeats included, for this long the connection is taken for dead. Default: 60,000; 0 waits for ever. */
  silenceMs?: number;
}

export interface StreamFilter {
  modelName?: string | string[];
  evaluationStatus?: EvaluationStatus | EvaluationStatus[];
  clientId?: string;
  /** Goes on after this event. */
  lastEventId?: string | number;
  /** Ends the stream, as its stop function does. */
  signal?: AbortSignal;
  /** Hears of this stream alone, before the client's own `onError`. */
  onError?: (error: StreamError) => void;
}

/** What `onError` hears. */
export class StreamError extends LLMEvalError {
  /** `connection`: lost or refused. `http`: the server said no. `parse`: a frame that is not JSON. `callback`: yours threw. */
  readonly kind: 'connection' | 'http' | 'parse' | 'callback';
  /** Of an answer that said no. */
  readonly status: number | undefined;
  /** Whether the stream goes on by itself. */
  readonly willRetry: boolean;

  constructor(kind: StreamError['kind'], message: string, cause: unknown, willRetry: boolean) {
    super(message, { cause });
    this.kind = kind;
    this.status = cause instanceof APIError ? cause.status : undefined;
    this.willRetry = willRetry;
  }
}

type Callback<Data> = (event: StreamEvent<Data>) => unknown;

const longestWaitMs = 30_000;

/** Follows the server's streams: over lost connections and restarts, from the last event on. */
export class LLMEvalStreamClient {
  /** Hears of lost connections and of faults. May be set at any time. Without it, only what ends a stream is written to the console. */
  onError: ((error: StreamError) => void) | undefined;
  /** A connection was made. */
  onOpen: (() => void) | undefined;

  readonly #http: Http;
  readonly #silenceMs: number;
  readonly #streams = new Set<AbortController>();

  constructor(baseUrl?: string | StreamOptions | null, apiKey?: string | StreamOptions | null) {
    const options: StreamOptions = {
      ...(typeof baseUrl === 'string' ? { baseUrl } : baseUrl),
      ...(typeof apiKey === 'string' ? { apiKey } : apiKey),
    };
    this.onError = options.onError;
    this.#silenceMs = options.silenceMs ?? 60_000;
    this.#http = new Http({ ...connection(options), timeoutMs: 0, maxRetries: 0 });
  }

  /** All events as they happen. Returns the function that stops them. */
  streamEvents<Data = any>(callback: Callback<Data>, filter: StreamFilter = {}): () => void {
    return this.#start('/stream/events', callback, filter, {});
  }

  /** The newest traces (`initial_traces`), then every change of one. */
  streamTraces<Data = any>(callback: Callback<Data>, limit: number | (StreamFilter & { limit?: number }) = {}): () => void {
    const { limit: most, ...filter } = typeof limit === 'number' ? { limit } : limit;
    return this.#start('/stream/traces', callback, filter, { limit: most });
  }

  /** The figures at once, and then every `interval` seconds (default 5). */
  streamMetrics(callback: Callback<Metrics>, interval: number | (StreamFilter & { interval?: number }) = {}): () => void {
    const given: StreamFilter & { interval?: number } = typeof interval === 'number' ? { interval } : interval;
    const { interval: seconds, clientId, signal, onError } = given;
    const filter = { ...(clientId && { clientId }), ...(signal && { signal }), ...(onError && { onError }) };
    return this.#start('/stream/metrics', callback, filter, { interval: seconds });
  }

  /** All events as an iterable: leaving the loop ends the stream, and what ends the stream for good is thrown. */
  async *events<Data = any>(filter: StreamFilter = {}): AsyncGenerator<StreamEvent<Data>, void, undefined> {
    const stream = this.#open(filter.signal);
    try {
      yield* this.#follow('/stream/events', filter, {}, stream.signal);
    } finally {
      this.#close(stream);
    }
  }

  closeAllStreams(): void {
    for (const stream of this.#streams) {
      stream.abort();
    }
    this.#streams.clear();
  }

  #start(path: string, callback: Callback<any>, filter: StreamFilter, more: object): () => void {
    const stream = this.#open(filter.signal);
    void this.#deliver(path, callback, filter, more, stream.signal).finally(() => this.#close(stream));
    return () => this.#close(stream);
  }

  #open(signal?: AbortSignal): AbortController {
    const stream = new AbortController();
    this.#streams.add(stream);
    if (signal) {
      const leave = onAbort(signal, () => stream.abort());
      stream.signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) {
        stream.abort();
      }
    }
    return stream;
  }

  #close(stream: AbortController): void {
    this.#streams.delete(stream);
    stream.abort();
  }

  async #deliver(path: string, callback: Callback<any>, filter: StreamFilter, more: object, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#follow(path, filter, more, signal)) {
        try {
          await callback(event);
        } catch (error) {
          this.#tell(new StreamError('callback', `The callback threw: ${text(error)}`, error, true), filter);
        }
        if (signal.aborted) {
          return;
        }
      }
    } catch (error) {
      this.#tell(new StreamError('http', `The stream ended: ${text(error)}`, error, false), filter);
    }
  }

  /** Reads, and connects again after what passes; throws what does not. */
  async *#follow(path: string, filter: StreamFilter, more: object, signal: AbortSignal): AsyncGenerator<StreamEvent, void, undefined> {
    const { lastEventId, signal: _, onError: __, ...rest } = filter;
    const query = toQuery({ ...rest, ...more });
    let last = lastEventId === undefined ? undefined : String(lastEventId);
    let failures = 0;
    let retryMs = 1_000;
    while (!signal.aborted) {
      const events: StreamEvent[] = [];
      const parser = new SseParser((data) => {
        try {
          events.push(JSON.parse(data) as StreamEvent);
        } catch (error) {
          this.#tell(new StreamError('parse', 'A frame was not JSON; it is passed over.', error, true), filter);
        }
      });
      parser.lastEventId = last;
      try {
        for await (const chunk of this.#chunks(path, query, last, signal)) {
          parser.push(chunk);
          // Taken one by one: what is not yet handed over is asked for again after a break.
          for (let event = events.shift(); event; event = events.shift()) {
            failures = 0;
            yield event;
            if (signal.aborted) {
              return;
            }
          }
          last = parser.lastEventId;
        }
        this.#tell(new StreamError('connection', 'The server ended the stream.', undefined, true), filter);
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (error instanceof APIError && error.status < 500 && error.status !== 408 && error.status !== 429) {
          throw error;
        }
        const kind = error instanceof APIError ? 'http' : 'connection';
        this.#tell(new StreamError(kind, `The stream broke off: ${text(error)}`, error, true), filter);
        retryMs = Math.max(retryMs, (error instanceof APIError ? error.retryAfter ?? 0 : 0) * 1_000);
      }
      retryMs = parser.retry ?? retryMs;
      const wait = Math.min(longestWaitMs, Math.max(retryMs, 100) * 2 ** failures++);
      await sleep(wait * (1 - 0.25 * Math.random()), signal);
    }
  }

  async *#chunks(path: string, query: URLSearchParams, lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener('abort', end, { once: true });
    let silence: ReturnType<typeof setTimeout> | undefined;
    let silent = false;
    const listen = () => {
      clearTimeout(silence);
      if (this.#silenceMs > 0) {
        silence = timer(() => { silent = true; end(); }, this.#silenceMs);
        // The connection itself keeps the process alive.
        unref(silence);
      }
    };
    try {
      listen();
      const response = await this.#http.open(path, query, lastEventId, connection.signal);
      this.#call(this.onOpen);
      const reader = response.body!.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        listen();
        yield read.value;
      }
    } catch (error) {
      if (error instanceof APIError || signal.aborted) {
        throw error;
      }
      throw new APIConnectionError(silent ? `not a byte for ${this.#silenceMs / 1_000} s` : text(error), { cause: error });
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
      end();
    }
  }

  #tell(error: StreamError, { onError }: StreamFilter): void {
    this.#call(onError, error);
    if (this.onError) {
      this.#call(this.onError, error);
    } else if (!onError && (!error.willRetry || error.kind === 'callback')) {
      console.error(`llm-eval-sdk: ${error.message}`);
    }
  }

  #call<Args extends unknown[]>(handler: ((...args: Args) => void) | undefined, ...args: Args): void {
    try {
      handler?.call(this, ...args);
    } catch {
      // The host's own handler failed; there is nobody left to tell.
    }
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
