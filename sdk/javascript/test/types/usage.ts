// What users write, checked with tsc --strict against the package's own types.
import express from 'express';
import OpenAI from 'openai';
import type { BaseCallbackConfig } from '@langchain/core/callbacks/manager';
import {
  calculateCost, expressMiddleware, LLMEvalClient, LLMEvalStreamClient, observe, RateLimitError, TraceLogger, verifyWebhook, withSpan, wrapOpenAI,
  type Metrics, type StreamEvent, type Trace, type WebhookResponse,
} from 'llm-eval-sdk';
import { EvalCallbackHandler } from 'llm-eval-sdk/langchain';
import { useLiveMetrics, useTraceStream } from 'llm-eval-sdk/react';

const client = new LLMEvalClient('http://localhost:8000', 'key', 60_000);
new LLMEvalClient({ baseUrl: 'http://localhost:8000', beforeSend: (trace) => (trace.user_query ? trace : null), onError: (error, ids) => console.log(error.message, ids.length) });
new LLMEvalClient('http://localhost:8000', { flushAt: 10 });

export async function calls(): Promise<Trace[]> {
  const answer: WebhookResponse = await client.sendTrace({
    traceId: 't', modelName: 'gpt-4', userQuery: 'q', aiResponse: 'a', metadata: { temperature: 0.7 }, functionsCalled: [{ name: 'f', parameters: { a: 1 } }],
  });
  await client.sendTrace({ trace_id: 't', model_name: 'gpt-4', user_query: 'q', ai_response: 'a', own_field: true });
  const ids: string[] = answer.trace_ids;
  const id: string = client.capture({ modelName: 'm', userQuery: 'q', aiResponse: 'a' });
  await client.evaluateTrace({ traceId: id, status: 'accepted' });
  // @ts-expect-error not a status
  await client.evaluateTrace({ traceId: id, status: 'fine' });
  for await (const trace of client.iterTraces({ status: ['pending', 'in_review'], metadata: { app: 'x' }, from: new Date() })) {
    ids.push(trace.trace_id);
  }
  try {
    return await client.getTraces(10, 'pending');
  } catch (error) {
    if (error instanceof RateLimitError) {
      const seconds: number | undefined = error.retryAfter;
      console.log(seconds);
    }
    throw error;
  }
}

export function streams(): void {
  const stream = new LLMEvalStreamClient('http://localhost:8000');
  const stop: () => void = stream.streamEvents((event: StreamEvent) => console.log(event.data), { modelName: 'gpt-4' });
  stream.streamMetrics((event) => {
    const rate: number = event.data.acceptance_rate;
    console.log(rate);
  }, 5);
  stream.onError = (error) => console.error(error.kind, error.willRetry);
  stream.streamTraces(() => {}, { limit: 5, onError: (error) => console.error(error.kind, error.status) });
  stop();
}

export const add: (a: number, b: number) => number = observe((a: number, b: number) => a + b, { kind: 'tool' });
export const promised: Promise<string> = withSpan('step', async () => 'text');
export const openai: OpenAI = wrapOpenAI(new OpenAI({ apiKey: 'k' }), { evalClient: client });
export const config: BaseCallbackConfig = { callbacks: [new EvalCallbackHandler(client)] };
export const logged: Promise<string> = new TraceLogger(client, 'gpt-4').start().logTrace('q', 'a', { tokensUsed: 1 });
export const cost: number | null = calculateCost({ prompt_tokens: 1, completion_tokens: 2 }, 'gpt-4o');
export const verified: Promise<void> = verifyWebhook('{}', { 'webhook-id': 'x' }, 'secret');

const app = express();
app.use(express.json());
app.use(expressMiddleware(client, { extract: (request, answer) => ({ modelName: 'm', userQuery: request.path, aiResponse: String(answer) }) }));

export function Live(): string {
  const { metrics, connected, error } = useLiveMetrics({ baseUrl: 'http://localhost:8000', interval: 2 });
  const { traces } = useTraceStream({ limit: 10, modelName: 'gpt-4' });
  const shown: Metrics | null = metrics;
  return `${shown?.total_traces} ${connected} ${error?.message} ${traces.map((trace) => trace.trace_id).join()}`;
}
