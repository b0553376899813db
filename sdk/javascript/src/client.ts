import { env, flag, newTraceId } from './environment.js';
import { APIError, ConflictError, LLMEvalError, ValidationError } from './errors.js';
import { gzipByDefault, Halving, Http, mayBeOneOfThem, type Fetch } from './http.js';
import { currentTrace } from './context.js';
import { TraceQueue, type QueueStats } from './queue.js';
import { toJson } from './text.js';
import { isThenable } from './thenable.js';
import type {
  BatchResponse, EvaluationInput, EvaluationResponse, EvaluationStatus, Health, Stats, Trace, TraceFilter, TraceInput, WebhookResponse,
  WireTrace,
} from './types.js';
import { joinMetadata, snakeCase, toWire } from './wire.js';

export interface ClientOptions {
  /** Default: `LLM_EVAL_BASE_URL`, else http://localhost:8000. */
  baseUrl?: string;
  /** Default: `LLM_EVAL_API_KEY`. */
  apiKey?: string | null;
  /** Signs what is sent. Default: `LLM_EVAL_WEBHOOK_SECRET`. */
  webhookSecret?: string;
  /** Of one attempt, in milliseconds. Default: 30,000. */
  timeoutMs?: number;
  /** How often an explicit call tries again. Default: 2. */
  maxRetries?: number;
  /** Names the sender of batches. Default: javascript_sdk. */
  source?: string;
  headers?: Record<string, string>;
  /** Packs large bodies. Default: true, false in browsers. */
  gzip?: boolean;
  /** Default: the platform's. */
  fetch?: Fetch;

  /** False silences capture and all that uses it; explicit calls still do what they say. Default: `LLM_EVAL_ENABLED`. */
  enabled?: boolean;
  /** The share of captured traces that is kept, 0 to 1. */
  sampleRate?: number;
  /** Joins the metadata of every captured trace. */
  defaultMetadata?: Record<string, unknown>;
  /**
   * Sees each captured trace as it would be sent, with JSON in the place of your objects, to change it or, with null, to drop it. When it
   * throws, nothing is sent.
   */
  beforeSend?: (trace: WireTrace) => WireTrace | null;
  /** Hears of what went wrong in the background, with the ids of the traces. Default: a warning on the console. */
  onError?: (error: Error, traceIds: string[]) => void;
  /** Captured traces that make a batch go out at once. Default: 50. */
  flushAt?: number;
  /** How long a captured trace waits for others. Default: 2,000. */
  flushIntervalMs?: number;
  /** Captured traces that may wait; then the oldest are dropped. Default: 10,000. */
  maxQueueSize?: number;
  /** Bytes that may wait. Default: 64 MB. */
  maxQueueBytes?: number;
  /** Bytes of one batch. Default: 4 MB. */
  maxBatchBytes?: number;
  /** How long a process that ends by itself waits for what is queued. Default: 5,000. */
  exitTimeoutMs?: number;
  /** Writes a line about each request: never a key, never a body. Default: to the console when `LLM_EVAL_DEBUG` is true. */
  log?: (line: string) => void;
}

export interface RequestOptions {
  timeoutMs?: number;
  maxRetries?: number;
  signal?: AbortSignal;
}

export interface BatchOptions extends RequestOptions {
  source?: string;
  batchId?: string;
}

/** The most that the server takes at once. */
const batchLimit = 100;

/** The most that it gives at once. */
const mostOfPage = 1_000;

/**
 * Sends traces and reads them back. Explicit calls (`sendTrace`, …) wait, try again what may be tried again, and reject with the truth.
 * `capture` and all that uses it never throw, never wait, and never grow without bound.
 */
export class LLMEvalClient {
  readonly #http: Http;
  readonly #queue: TraceQueue;
  readonly #options: ClientOptions;
  readonly #source: string;
  readonly #maxBatchBytes: number;
  readonly #enabled: boolean;

  constructor(
    baseUrl?: string | ClientOptions | null,
    apiKey?: string | ClientOptions | null,
    timeoutMs?: number | ClientOptions,
  ) {
    const options: ClientOptions = {
      ...(typeof baseUrl === 'string' && { baseUrl }),
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(typeof timeoutMs === 'number' && { timeoutMs }),
    };
    for (const given of [baseUrl, apiKey, timeoutMs]) {
      if (typeof given === 'object') {
        Object.assign(options, given);
      }
    }
    refuseSettings(options);
    this.#options = options;
    this.#source = options.source ?? 'javascript_sdk';
    this.#maxBatchBytes = options.maxBatchBytes ?? 4_000_000;
    this.#enabled = options.enabled ?? flag('LLM_EVAL_ENABLED', true);
    this.#http = new Http({
      ...connection(options),
      timeoutMs: options.timeoutMs ?? 30_000,
      maxRetries: options.maxRetries ?? 2,
    });
    this.#queue = new TraceQueue(this.#http, {
      source: this.#source,
      flushAt: options.flushAt ?? 50,
      flushIntervalMs: options.flushIntervalMs ?? 2_000,
      maxQueueSize: options.maxQueueSize ?? 10_000,
      maxQueueBytes: options.maxQueueBytes ?? 64_000_000,
      maxBatchBytes: this.#maxBatchBytes,
      timeoutMs: Math.min(options.timeoutMs ?? 30_000, 10_000),
      exitTimeoutMs: options.exitTimeoutMs ?? 5_000,
      onError: (error, traceIds) => this.#report(error, traceIds),
    });
  }

  /** Sends one trace and resolves when the server has stored it. Sending it again is safe. */
  async sendTrace(trace: TraceInput, options: RequestOptions = {}): Promise<WebhookResponse> {
    const body = toJson(toWire(trace));
    return this.#http.request({ method: 'POST', path: '/webhook/trace', body, retry: 'always', signed: true, ...options });
  }

  /** Sends any number of traces, up to 100 in a request, and merges the answers. */
  async sendTracesBatch(traces: Iterable<TraceInput>, source?: string | BatchOptions, batchId?: string): Promise<BatchResponse> {
    const options: BatchOptions = typeof source === 'object' ? source : { ...(source && { source }), ...(batchId && { batchId }) };
    const items = Array.from(traces, (trace) => {
      const wire = toWire(trace);
      return { id: wire.trace_id, json: toJson(wire) };
    });
    const parts: Part[] = [];
    for (const part of split(items, this.#maxBatchBytes)) {
      parts.push(...(await this.#sendPart(part, options)));
    }
    return merge(parts, items.length);
  }

  /** Queues a trace and returns its id at once. Never throws: what goes wrong is heard by `onError`. */
  capture(trace: TraceInput): string {
    let id = '';
    try {
      const wire = toWire(trace);
      id = wire.trace_id;
      if (!this.#enabled || (this.#options.sampleRate !== undefined && Math.random() >= this.#options.sampleRate)) {
        return id;
      }
      wire.timestamp ??= new Date().toISOString();
      const parent = currentTrace()?.traceId;
      if (parent !== undefined && parent !== id) {
        wire.parent_id ??= parent;
      }
      if (this.#options.defaultMetadata) {
        wire.metadata = joinMetadata(this.#options.defaultMetadata, wire.metadata);
      }
      const { beforeSend } = this.#options;
      // Of its own: what it takes out of the trace stays in the objects of the application.
      const sent = beforeSend ? beforeSend(JSON.parse(toJson(wire)) as WireTrace) : wire;
      if (isThenable(sent)) {
        throw new LLMEvalError('beforeSend must return the trace or null at once, not a promise.');
      }
      if (sent) {
        this.#queue.add(sent.trace_id, toJson(sent));
      }
    } catch (error) {
      this.#report(error instanceof Error ? error : new LLMEvalError(String(error)), [id]);
    }
    return id || newTraceId();
  }

  /**
   * Sends what is queued, and resolves when `onError` has heard what was refused. False when not all of it went out in time; it stays
   * queued.
   */
  flush(timeoutMs = 10_000): Promise<boolean> {
    return this.#queue.flush(timeoutMs);
  }

  /** Flushes and ends the queue: what could not be sent in time is dropped and reported. */
  shutdown(timeoutMs = 10_000): Promise<boolean> {
    return this.#queue.shutdown(timeoutMs);
  }

  /** What became of the captured traces. */
  get stats(): QueueStats {
    return this.#queue.stats;
  }

  /**
   * The newest traces that match, read in as many pages as they take.
   * @param filter Or its `limit` alone: how many traces there are to be at most. Default: 50.
   * @param options Of each request for a page.
   */
  async getTraces(filter: number | TraceFilter = {}, status?: EvaluationStatus, options: RequestOptions = {}): Promise<Trace[]> {
    const { limit = 50, ...wanted } = typeof filter === 'number' ? { limit: filter } : filter;
    const traces: Trace[] = [];
    const pages = this.#pages({ ...wanted, ...(status && { status }) }, () => Math.min(limit - traces.length, mostOfPage), options);
    // Not past the last one that is wanted: another page would be asked for in vain.
    while (traces.length < limit) {
      const page = await pages.next();
      if (page.done) {
        break;
      }
      traces.push(...page.value);
    }
    return traces;
  }

  /**
   * All traces that match, newest first, page by page as they are asked for; `limit` is how many a page has.
   * @param options Of each request for a page.
   */
  async *iterTraces(filter: TraceFilter = {}, options: RequestOptions = {}): AsyncGenerator<Trace, void, undefined> {
    for await (const page of this.#pages(filter, () => filter.limit, options)) {
      yield* page;
    }
  }

  /** One trace with the history of its verdicts. */
  getTrace(traceId: string, options: RequestOptions = {}): Promise<Trace> {
    return this.#get('/api/trace', new URLSearchParams({ trace_id: traceId }), options);
  }

  /** Judges a trace. It is sent again only when the server says that it did nothing: twice would be two verdicts. */
  evaluateTrace(verdict: EvaluationInput, options: RequestOptions = {}): Promise<EvaluationResponse> {
    const body = Object.fromEntries(Object.entries(verdict).map(([key, value]) => [snakeCase(key), value]));
    return this.#http.request({ method: 'POST', path: '/api/evaluations', body: toJson(body), retry: 'undone', ...options });
  }

  getStats(options: RequestOptions = {}): Promise<Stats> {
    return this.#get('/webhook/stats', undefined, options);
  }

  healthCheck(options: RequestOptions = {}): Promise<Health> {
    return this.#get('/webhook/health', undefined, options);
  }

  #get<T>(path: string, query: URLSearchParams | undefined, options: RequestOptions): Promise<T> {
    return this.#http.request({ method: 'GET', path, ...(query && { query }), retry: 'always', ...options });
  }

  /** @param size How many traces the next page is to have. */
  async *#pages(filter: TraceFilter, size: () => number | undefined, options: RequestOptions): AsyncGenerator<Trace[], void, undefined> {
    for (let cursor = filter.cursor; ;) {
      const query = toQuery({ ...filter, limit: size(), cursor });
      const page = await this.#get<{ items: Trace[]; next_cursor: string | null }>('/api/traces', query, options);
      yield page.items;
      if (!page.next_cursor) {
        return;
      }
      cursor = page.next_cursor;
    }
  }

  async #sendPart(part: Part['items'], options: BatchOptions, halving = new Halving()): Promise<Part[]> {
    const { source = this.#source, batchId, ...request } = options;
    const tail = `"source":${JSON.stringify(source)}${batchId === undefined ? '' : `,"batch_id":${JSON.stringify(batchId)}`}`;
    const body = `{"traces":[${part.map((item) => item.json).join(',')}],${tail}}`;
    try {
      const how = { method: 'POST', path: '/webhook/batch', retry: 'always', signed: true, ...request } as const;
      const answer = await this.#http.request<BatchResponse>({ ...how, body });
      halving.read();
      return [{ items: part, answer }];
    } catch (error) {
      if (halving.goesOn(error, part.length)) {
        const middle = part.length >> 1;
        return [
          ...(await this.#sendPart(part.slice(0, middle), options, halving)),
          ...(await this.#sendPart(part.slice(middle), options, halving)),
        ];
      }
      if (error instanceof APIError && (mayBeOneOfThem(error) || error instanceof ConflictError || error instanceof ValidationError)) {
        return [{ items: part, error }];
      }
      throw error;
    }
  }

  #report(error: Error, traceIds: string[]): void {
    try {
      if (this.#options.onError) {
        this.#options.onError(error, traceIds);
      } else {
        console.warn(`llm-eval-sdk: ${error.message}`);
      }
    } catch {
      // The host's own handler failed; there is nobody left to tell.
    }
  }
}

/** What would only be noticed when traces are lost. */
function refuseSettings(options: ClientOptions): void {
  const numbers = [
    'timeoutMs', 'maxRetries', 'sampleRate', 'flushAt', 'flushIntervalMs', 'maxQueueSize', 'maxQueueBytes', 'maxBatchBytes', 'exitTimeoutMs',
  ] as const;
  for (const name of numbers) {
    const value: unknown = options[name] ?? 1;
    if (typeof value !== 'number' || !(value >= 0) || (name === 'timeoutMs' && value === 0)) {
      throw new LLMEvalError(`${name} must be a number${name === 'timeoutMs' ? ' above 0' : ' and not negative'}; this is ${typeof value === 'number' ? value : typeof value}.`);
    }
  }
  for (const name of ['beforeSend', 'onError', 'fetch', 'log'] as const) {
    if (typeof (options[name] ?? refuseSettings) !== 'function') {
      throw new LLMEvalError(`${name} must be a function; this is ${typeof options[name]}.`);
    }
  }
}

/** What clients and streams need to reach the server. */
export function connection(options: Pick<ClientOptions, 'baseUrl' | 'apiKey' | 'webhookSecret' | 'headers' | 'gzip' | 'fetch' | 'log'>) {
  const debug = flag('LLM_EVAL_DEBUG', false) ? (line: string) => console.debug(`llm-eval-sdk: ${line}`) : undefined;
  return {
    baseUrl: options.baseUrl ?? env('LLM_EVAL_BASE_URL') ?? 'http://localhost:8000',
    apiKey: options.apiKey ?? env('LLM_EVAL_API_KEY'),
    webhookSecret: options.webhookSecret ?? env('LLM_EVAL_WEBHOOK_SECRET'),
    headers: options.headers,
    gzip: options.gzip ?? gzipByDefault,
    fetch: options.fetch,
    log: options.log ?? debug,
  };
}

/** Names become snake_case, metadata becomes `metadata.KEY`, lists repeat their name. */
export function toQuery(filter: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filter)) {
    if (key === 'metadata') {
      for (const [name, wanted] of Object.entries(value as Record<string, string>)) {
        query.append(`metadata.${name}`, wanted);
      }
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        query.append(snakeCase(key), one instanceof Date ? one.toISOString() : String(one));
      }
    }
  }
  return query;
}

interface Part {
  items: { id: string; json: string }[];
  answer?: BatchResponse;
  error?: APIError;
}

function* split(items: Part['items'], mostBytes: number): Generator<Part['items']> {
  let part: Part['items'] = [];
  let bytes = 0;
  for (const item of items) {
    if (part.length === batchLimit || (part.length > 0 && bytes + item.json.length > mostBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += item.json.length;
  }
  if (part.length > 0) {
    yield part;
  }
}

function merge(parts: Part[], sent: number): BatchResponse {
  const errors: string[] = [];
  const traceIds: string[] = [];
  let processed = 0;
  let offset = 0;
  for (const { items, answer, error } of parts) {
    processed += answer?.processed_count ?? 0;
    traceIds.push(...(answer?.trace_ids ?? []));
    // These speak of the request, not of a trace by its index.
    const unnamed = error && (mayBeOneOfThem(error) || error.errors.length === 0);
    const own = unnamed ? items.map((item, index) => `traces[${index}]: ${error.message} (trace_id: ${item.id})`) : error?.errors;
    for (const text of own ?? answer?.errors ?? []) {
      errors.push(text.replace(/^traces\[(\d+)\]/, (_, index: string) => `traces[${Number(index) + offset}]`));
    }
    offset += items.length;
  }
  const failure = parts.find((part) => part.error)?.error;
  if (processed === 0 && failure) {
    throw failure;
  }
  return {
    success: processed > 0 || sent === 0,
    message: `Processed ${processed} of ${sent} traces`,
    processed_count: processed,
    errors: errors.length > 0 ? errors : null,
    trace_ids: traceIds,
  };
}
