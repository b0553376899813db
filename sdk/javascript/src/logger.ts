import type { LLMEvalClient } from './client.js';
import { newTraceId } from './environment.js';
import { describeError } from './text.js';
import type { FunctionCall, TraceInput } from './types.js';

export interface TraceLoggerOptions {
  traceId?: string;
  systemPrompt?: string;
  metadata?: Record<string, unknown>;
  sessionId?: string;
  userId?: string;
}

/** Measures a call and logs it in the background: nothing here throws or waits for the server. */
export class TraceLogger {
  readonly #client: Pick<LLMEvalClient, 'capture'>;
  readonly #modelName: string;
  readonly #fields: TraceInput;
  #traceId: string;
  #metadata: Record<string, unknown>;
  #functions: FunctionCall[] = [];
  #startedAt = new Date();
  #started = performance.now();

  constructor(client: Pick<LLMEvalClient, 'capture'>, modelName: string, traceId?: string | TraceLoggerOptions | null) {
    const { traceId: id, metadata, ...fields } = typeof traceId === 'string' ? { traceId } : (traceId ?? {}) as TraceLoggerOptions;
    this.#client = client;
    this.#modelName = modelName;
    this.#traceId = id ?? newTraceId();
    this.#metadata = { ...metadata };
    this.#fields = fields;
  }

  /** The id of the trace that is logged next. */
  get traceId(): string {
    return this.#traceId;
  }

  /** The clock starts here; without it, when the logger was made. */
  start(): this {
    this.#startedAt = new Date();
    this.#started = performance.now();
    return this;
  }

  addMetadata(metadata: Record<string, unknown>): this {
    Object.assign(this.#metadata, metadata);
    return this;
  }

  addFunctionCall(call: FunctionCall): this {
    this.#functions.push(call);
    return this;
  }

  /**
   * Logs the call with the time since start().
   * @param extra Further fields; its metadata joins what was added before.
   * @returns The trace's id, as soon as the trace is queued.
   */
  async logTrace(userQuery: string, aiResponse: string, extra: TraceInput | null = {}): Promise<string> {
    // Null where a plain program has nothing to add: a rejection that nobody handles would end the process.
    const { metadata, functionsCalled, functions_called, ...fields } = extra ?? {};
    const functions = [...this.#functions, ...(functionsCalled ?? functions_called ?? [])];
    const id = this.#client.capture({
      traceId: this.#traceId,
      modelName: this.#modelName,
      userQuery,
      aiResponse,
      timestamp: this.#startedAt,
      ...this.#fields,
      ...(fields.response_time_ms === undefined && { responseTimeMs: Math.round((performance.now() - this.#started) * 1_000) / 1_000 }),
      ...fields,
      metadata: { ...this.#metadata, ...metadata },
      ...(functions.length > 0 && { functionsCalled: functions }),
    });
    // A second call is a second trace: under the same id it would be refused.
    this.#traceId = newTraceId();
    return id;
  }

  /** Logs that the call failed. */
  logError(error: unknown, userQuery = '', extra: TraceInput | null = {}): Promise<string> {
    return this.logTrace(userQuery, '', { ...extra, error: describeError(error) });
  }
}
