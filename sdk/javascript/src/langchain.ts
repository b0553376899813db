import type { LLMEvalClient } from './client.js';
import { contentText, fieldsOf, parseArguments, type Message } from './conversation.js';
import { calculateCost } from './cost.js';
import { defaultClient } from './observe.js';
import { describeError, toText } from './text.js';
import type { TraceInput } from './types.js';

export interface EvalCallbackOptions {
  metadata?: Record<string, unknown>;
  sessionId?: string;
  userId?: string;
  tags?: string[];
  /** Also logs each run of a tool. Default: true. */
  tools?: boolean;
}

interface Run {
  fields: TraceInput;
  messages: Message[];
  metadata: Record<string, unknown>;
  started: number;
  firstToken?: number;
}

/** Runs whose end never comes must not pile up. */
const mostRuns = 1_000;

/**
 * Logs the model calls and tool runs of LangChain: `model.invoke(input, { callbacks: [new EvalCallbackHandler(client)] })`.
 * It needs no package of LangChain: a plain object with these functions is a handler there.
 */
export class EvalCallbackHandler {
  readonly #client: Pick<LLMEvalClient, 'capture'>;
  readonly #options: EvalCallbackOptions;
  readonly #runs = new Map<string, Run>();

  constructor(client?: Pick<LLMEvalClient, 'capture'> | null, options: EvalCallbackOptions = {}) {
    this.#client = client ?? defaultClient();
    this.#options = options;
  }

  // Own properties, because LangChain copies the functions of a plain object.

  handleLLMStart = (
    llm: any, prompts: string[], runId: string, parentRunId?: string, extra?: Record<string, any>, tags?: string[],
    metadata?: Record<string, unknown>,
  ): void => {
    this.#begin(runId, llm, prompts.map((text) => ({ role: 'user', text })), parentRunId, extra, tags, metadata);
  };

  handleChatModelStart = (
    llm: any, messages: any[][], runId: string, parentRunId?: string, extra?: Record<string, any>, tags?: string[],
    metadata?: Record<string, unknown>,
  ): void => {
    this.#begin(runId, llm, (messages[0] ?? []).map(readMessage), parentRunId, extra, tags, metadata);
  };

  handleLLMNewToken = (_token: string, _index: any, runId: string): void => {
    const run = this.#runs.get(runId);
    if (run) {
      run.firstToken ??= performance.now() - run.started;
    }
  };

  handleLLMEnd = (output: any, runId: string): void => {
    this.#end(runId, (run) => {
      const generation = output.generations?.[0]?.[0];
      const message = generation?.message;
      const used = message?.usage_metadata ?? output.llmOutput?.tokenUsage ?? output.llmOutput?.estimatedTokenUsage;
      const promptTokens = used?.input_tokens ?? used?.promptTokens;
      const completionTokens = used?.output_tokens ?? used?.completionTokens;
      const cost = calculateCost(used, String(run.fields.modelName));
      const { functions, ...asked } = fieldsOf(run.messages);
      const calls = [...functions, ...(message?.tool_calls ?? []).map((call: any) => ({ name: call.name, parameters: call.args }))];
      const finishReason = message?.response_metadata?.finish_reason ?? generation?.generationInfo?.finish_reason;
      if (finishReason) {
        run.metadata.finish_reason = finishReason;
      }
      return {
        ...asked,
        aiResponse: message ? contentText(message.content) : String(generation?.text ?? ''),
        ...(promptTokens !== undefined && { promptTokens }),
        ...(completionTokens !== undefined && { completionTokens }),
        ...(cost !== null && { cost }),
        ...(calls.length > 0 && { functionsCalled: calls }),
      };
    });
  };

  handleLLMError = (error: unknown, runId: string): void => {
    this.#end(runId, (run) => {
      const { functions, ...asked } = fieldsOf(run.messages);
      return { ...asked, aiResponse: '', error: describeError(error), ...(functions.length > 0 && { functionsCalled: functions }) };
    });
  };

  handleToolStart = (
    tool: any, input: string, runId: string, parentRunId?: string, tags?: string[], metadata?: Record<string, unknown>, runName?: string,
  ): void => {
    if (this.#options.tools !== false) {
      const name = runName ?? tool?.name ?? tool?.id?.at?.(-1) ?? 'tool';
      this.#add(runId, {
        fields: { modelName: name, userQuery: toText(input) },
        messages: [],
        metadata: { kind: 'tool', ...this.#facts(runId, parentRunId, tags, metadata) },
        started: performance.now(),
      });
    }
  };

  handleToolEnd = (output: any, runId: string): void => {
    this.#end(runId, (run) => {
      const result = output?.content !== undefined ? contentText(output.content) : toText(output);
      const parameters = parseArguments(run.fields.userQuery);
      return { aiResponse: result, functionsCalled: [{ name: String(run.fields.modelName), parameters, result }] };
    });
  };

  handleToolError = (error: unknown, runId: string): void => {
    this.#end(runId, () => ({ aiResponse: '', error: describeError(error) }));
  };

  #begin(
    runId: string, llm: any, messages: Message[], parentRunId?: string, extra?: Record<string, any>, tags?: string[],
    metadata?: Record<string, unknown>,
  ): void {
    const parameters = extra?.invocation_params ?? {};
    const named = parameters.model ?? parameters.model_name ?? metadata?.ls_model_name;
    const model = named ?? llm?.kwargs?.model ?? llm?.kwargs?.model_name ?? llm?.id?.at?.(-1);
    const { temperature } = parameters;
    this.#add(runId, {
      fields: { modelName: String(model ?? 'unknown') },
      messages,
      metadata: { kind: 'llm', ...(temperature !== undefined && { temperature }), ...this.#facts(runId, parentRunId, tags, metadata) },
      started: performance.now(),
    });
  }

  #facts(runId: string, parentRunId?: string, tags?: string[], metadata?: Record<string, unknown>): Record<string, unknown> {
    return {
      framework: 'langchain',
      run_id: runId,
      ...(parentRunId && { parent_run_id: parentRunId }),
      ...(tags && tags.length > 0 && { langchain_tags: tags }),
      ...metadata,
    };
  }

  #add(runId: string, run: Run): void {
    run.fields = { ...run.fields, timestamp: new Date() };
    this.#runs.set(runId, run);
    if (this.#runs.size > mostRuns) {
      this.#runs.delete(this.#runs.keys().next().value!);
    }
  }

  #end(runId: string, read: (run: Run) => TraceInput): void {
    const run = this.#runs.get(runId);
    if (!run) {
      return;
    }
    this.#runs.delete(runId);
    const responseTimeMs = Math.round((performance.now() - run.started) * 1_000) / 1_000;
    let answer: TraceInput;
    try {
      answer = read(run);
    } catch (error) {
      answer = { aiResponse: '', error: describeError(error) };
    }
    const { metadata, sessionId, userId, tags } = this.#options;
    this.#client.capture({
      userQuery: '',
      ...run.fields,
      ...answer,
      responseTimeMs,
      ...(sessionId !== undefined && { sessionId }),
      ...(userId !== undefined && { userId }),
      ...(tags !== undefined && { tags }),
      metadata: {
        ...run.metadata,
        ...(run.firstToken !== undefined && { time_to_first_chunk_ms: Math.round(run.firstToken * 1_000) / 1_000 }),
        ...metadata,
      },
    });
  }
}

const roles: Record<string, string> = { human: 'user', ai: 'assistant', generic: 'user' };

function readMessage(message: any): Message {
  const type: string = message.getType?.() ?? message._getType?.() ?? message.role ?? 'user';
  return {
    role: roles[type] ?? type,
    text: contentText(message.content),
    calls: message.tool_calls?.map((call: any) => ({ id: call.id, name: call.name, parameters: call.args })),
    callId: message.tool_call_id,
  };
}
