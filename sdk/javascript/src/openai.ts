import type { LLMEvalClient } from './client.js';
import { contentText, fieldsOf, parseArguments, type Message, type ToolCall } from './conversation.js';
import { calculateCost, type Usage } from './cost.js';
import { defaultClient } from './observe.js';
import type { Price } from './prices.js';
import { describeError } from './text.js';
import { isThenable } from './thenable.js';

export interface WrapOptions {
  /** Default: one that is made from the environment. */
  evalClient?: Pick<LLMEvalClient, 'capture'>;
  metadata?: Record<string, unknown>;
  sessionId?: string;
  userId?: string;
  tags?: string[];
  /** Asks for the usage of streamed chats, which then end with one more chunk that has no choices. */
  streamUsage?: boolean;
  /** Dollars per million tokens, by model. */
  prices?: Record<string, Price>;
}

/** The part of the `openai` package's client that is watched. */
interface OpenAILike {
  chat?: { completions?: { create: (...args: any[]) => any } };
  responses?: { create: (...args: any[]) => any };
}

const wrapped = Symbol.for('llm-eval-sdk.wrapped');

/**
 * Logs every chat completion and every response of an `openai` client, streamed or not. The client is changed and returned; what it gives
 * and throws stays the same.
 */
export function wrapOpenAI<Client extends object>(client: Client, options: WrapOptions = {}): Client {
  const { chat, responses } = client as OpenAILike;
  if (chat?.completions) {
    wrapCreate(chat.completions, options, ChatRecord);
  }
  if (responses) {
    wrapCreate(responses, options, ResponseRecord);
  }
  return client;
}

function wrapCreate(
  resource: { create: (...args: any[]) => any },
  options: WrapOptions,
  kind: typeof ChatRecord | typeof ResponseRecord,
): void {
  const original = resource.create;
  if ((original as { [wrapped]?: boolean })[wrapped]) {
    return;
  }
  const create = function (this: unknown, body: any, ...rest: unknown[]): unknown {
    const sent = options.streamUsage && kind === ChatRecord && body?.stream && !body.stream_options
      ? { ...body, stream_options: { include_usage: true } }
      : body;
    const record = new kind(body ?? {}, options);
    let promise: any;
    try {
      promise = original.call(this ?? resource, sent, ...rest);
    } catch (error) {
      record.fail(error);
      throw error;
    }
    if (!isThenable(promise)) {
      // A stand-in of a test, which answers at once.
      record.end(promise);
      return promise;
    }
    return watch(promise, record);
  };
  resource.create = Object.assign(create, { [wrapped]: true });
}

/**
 * The client's promise can also give the raw response, or be built on by the client's own helpers; so it is not replaced by another kind
 * of promise, and the body is only read when the caller reads it.
 */
function watch(promise: any, record: CallRecord): unknown {
  const take = (answer: any): any => (isStream(answer) ? watchStream(answer, record) : (record.end(answer), answer));
  if (typeof promise?._thenUnwrap === 'function') {
    promise.asResponse().catch((error: unknown) => record.fail(error));
    return promise._thenUnwrap(take);
  }
  return promise.then(take, (error: unknown) => {
    record.fail(error);
    throw error;
  });
}

const isStream = (answer: any): boolean => typeof answer?.[Symbol.asyncIterator] === 'function';

function watchStream(stream: any, record: CallRecord): any {
  // The stream's other ways to be read (tee, toReadableStream) go through this.
  const name = typeof stream.iterator === 'function' ? 'iterator' : Symbol.asyncIterator;
  const original = stream[name].bind(stream);
  stream[name] = async function* () {
    let failure: unknown;
    let complete = false;
    try {
      // An iterator that is its own iterable would come back to here.
      for await (const chunk of { [Symbol.asyncIterator]: original }) {
        record.take(chunk);
        yield chunk;
      }
      complete = true;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (failure !== undefined) {
        record.fail(failure);
      } else {
        // A stream that is aborted ends like one that is complete.
        record.end(undefined, complete && !stream.controller?.signal?.aborted);
      }
    }
  };
  return stream;
}

/** What is known of one call; logs it once. */
abstract class CallRecord {
  protected text = '';
  protected usage: Usage | undefined;
  protected readonly calls: ToolCall[] = [];
  protected readonly facts: Record<string, unknown> = {};
  readonly #request: any;
  readonly #options: WrapOptions;
  readonly #startedAt = new Date();
  readonly #started = performance.now();
  #firstChunk: number | undefined;
  #logged = false;

  constructor(request: any, options: WrapOptions) {
    this.#request = request;
    this.#options = options;
  }

  protected abstract readChunk(chunk: any): void;
  protected abstract readAnswer(answer: any): void;
  protected abstract messagesOf(request: any): Message[];

  take(chunk: any): void {
    this.#firstChunk ??= performance.now() - this.#started;
    this.#safely(() => this.readChunk(chunk));
  }

  end(answer: any, complete = true): void {
    this.#safely(() => {
      if (answer !== undefined) {
        this.readAnswer(answer);
      }
      if (!complete) {
        this.facts.stopped_by_caller = true;
      }
      this.#log();
    });
  }

  fail(error: unknown): void {
    this.#safely(() => this.#log(error));
  }

  #log(error?: unknown): void {
    if (this.#logged) {
      return;
    }
    this.#logged = true;
    const { evalClient, metadata, sessionId, userId, tags, prices } = this.#options;
    const request = this.#request;
    const { userQuery, systemPrompt, functions } = fieldsOf(this.messagesOf(request));
    const model = String(request.model ?? this.facts.model ?? 'unknown');
    const promptTokens = this.usage?.prompt_tokens ?? this.usage?.input_tokens;
    const completionTokens = this.usage?.completion_tokens ?? this.usage?.output_tokens;
    const cost = calculateCost(this.usage, model, prices) ?? calculateCost(this.usage, String(this.facts.model ?? ''), prices);
    const calls = [...functions, ...this.calls.map(({ name, parameters }) => ({ name, parameters }))];
    (evalClient ?? defaultClient()).capture({
      modelName: model,
      userQuery,
      aiResponse: this.text,
      systemPrompt,
      timestamp: this.#startedAt,
      responseTimeMs: round(performance.now() - this.#started),
      ...(calls.length > 0 && { functionsCalled: calls }),
      ...(promptTokens != null && { promptTokens }),
      ...(completionTokens != null && { completionTokens }),
      ...(cost !== null && { cost }),
      ...(error !== undefined && { error: describeError(error) }),
      sessionId,
      userId: userId ?? (typeof request.user === 'string' ? request.user : undefined),
      tags,
      metadata: {
        provider: 'openai',
        ...this.facts,
        ...settings(request),
        ...(this.#firstChunk !== undefined && { time_to_first_chunk_ms: round(this.#firstChunk) }),
        ...metadata,
      },
    } as Parameters<LLMEvalClient['capture']>[0]);
  }

  #safely(run: () => void): void {
    try {
      run();
    } catch {
      // Watching must never hurt what is watched.
    }
  }
}

class ChatRecord extends CallRecord {
  protected messagesOf(request: any): Message[] {
    return (request.messages ?? []).map((message: any): Message => ({
      role: message.role,
      text: contentText(message.content),
      calls: message.tool_calls?.map(toolCall),
      callId: message.tool_call_id,
    }));
  }

  protected readAnswer(answer: any): void {
    const choice = answer.choices?.[0];
    this.text = choice?.message?.content ?? choice?.message?.refusal ?? '';
    this.calls.push(...(choice?.message?.tool_calls ?? []).map(toolCall));
    this.#note(answer, choice);
  }

  // Parts of a tool call carry its index; its name and the first piece of its arguments come once.
  readonly #parts: { id?: string; name: string; json: string }[] = [];

  protected readChunk(chunk: any): void {
    const choice = chunk.choices?.find((one: any) => !one.index);
    this.text += choice?.delta?.content ?? choice?.delta?.refusal ?? '';
    for (const part of choice?.delta?.tool_calls ?? []) {
      const call = (this.#parts[part.index] ??= { name: '', json: '' });
      call.id ??= part.id;
      call.name += part.function?.name ?? '';
      call.json += part.function?.arguments ?? '';
    }
    this.#note(chunk, choice);
  }

  override end(answer: any, complete = true): void {
    this.calls.push(...this.#parts.filter(Boolean).map(({ id, name, json }) => ({ id, name, parameters: parseArguments(json) })));
    super.end(answer, complete);
  }

  #note(answer: any, choice: any): void {
    this.usage = answer.usage ?? this.usage;
    this.facts.response_id = answer.id;
    this.facts.model = answer.model;
    if (choice?.finish_reason) {
      this.facts.finish_reason = choice.finish_reason;
    }
  }
}

class ResponseRecord extends CallRecord {
  protected messagesOf(request: any): Message[] {
    const input = typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input ?? [];
    return [
      ...(request.instructions ? [{ role: 'system', text: String(request.instructions) }] : []),
      ...input.map((item: any): Message => {
        if (item.type === 'function_call_output') {
          return { role: 'tool', text: contentText(item.output), callId: item.call_id };
        }
        if (item.type === 'function_call') {
          return { role: 'assistant', text: '', calls: [functionCall(item)] };
        }
        return { role: item.role ?? item.type, text: contentText(item.content) };
      }),
    ];
  }

  protected readAnswer(answer: any): void {
    const output: any[] = answer.output ?? [];
    this.text = output.filter((item) => item.type === 'message').map((item) => contentText(item.content)).join('\n');
    this.calls.push(...output.filter((item) => item.type === 'function_call').map(functionCall));
    this.usage = answer.usage ?? undefined;
    this.facts.response_id = answer.id;
    this.facts.model = answer.model;
    this.facts.finish_reason = answer.incomplete_details?.reason ?? answer.status;
    if (answer.error) {
      this.facts.error = answer.error;
    }
  }

  protected readChunk(event: any): void {
    if (event.type === 'response.output_text.delta') {
      this.text += event.delta;
    } else if (/^response\.(completed|incomplete|failed)$/.test(event.type)) {
      this.readAnswer(event.response);
    }
  }
}

const toolCall = (call: any): ToolCall => ({
  id: call.id,
  name: call.function?.name ?? call.custom?.name ?? 'unknown',
  parameters: parseArguments(call.function?.arguments ?? call.custom?.input),
});

const functionCall = (item: any): ToolCall => ({ id: item.call_id, name: item.name, parameters: parseArguments(item.arguments) });

function settings(request: any): Record<string, unknown> {
  const names = ['temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'reasoning_effort', 'seed'];
  return Object.fromEntries(names.filter((name) => request[name] != null).map((name) => [name, request[name]]));
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
