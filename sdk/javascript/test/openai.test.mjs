// The real `openai` package against the stand-in provider.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { RateLimitError } from 'openai';
import { wrapOpenAI } from 'llm-eval-sdk';
import { startProvider } from '../../../examples/provider/server.mjs';
import { recorder } from './support.mjs';

const weather = {
  type: 'function',
  function: { name: 'find_weather', parameters: { type: 'object', properties: { place: { type: 'string' } } } },
};

describe('wrapOpenAI', () => {
  let provider;
  let log;
  let openai;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  beforeEach(() => {
    log = recorder();
    openai = wrapOpenAI(new OpenAI({ baseURL: provider.url, apiKey: 'sk-test', maxRetries: 0 }), {
      evalClient: log, metadata: { app: 'test' }, sessionId: 's-1', streamUsage: true,
    });
  });

  it('does not take a stream that was aborted for a complete one', async () => {
    const stream = await openai.chat.completions.create({ model: 'gpt-4', messages, stream: true });
    for await (const _ of stream) {
      stream.controller.abort();
    }
    assert.equal(log.traces[0].metadata.stopped_by_caller, true);
    for await (const _ of await openai.chat.completions.create({ model: 'gpt-4', messages, stream: true })) {
      // To its end.
    }
    assert.equal(log.traces[1].metadata.stopped_by_caller, undefined);
  });

  it('passes on what a stand-in answers at once', () => {
    const answer = { choices: [{ message: { content: 'Yes.' } }] };
    const stand = wrapOpenAI({ chat: { completions: { create: () => answer } } }, { evalClient: log });
    assert.equal(stand.chat.completions.create({ model: 'gpt-4', messages }), answer);
    assert.equal(log.traces[0].aiResponse, 'Yes.');
  });

  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'What is AI?' }];
  const ask = (more) => openai.chat.completions.create({ model: 'gpt-4o', messages, temperature: 0.5, ...more });
  const only = () => {
    assert.equal(log.traces.length, 1);
    return log.traces[0];
  };

  it('logs a chat and gives the answer unchanged', async () => {
    const answer = await ask();
    assert.equal(answer.choices[0].message.content, 'You asked: What is AI?');
    const trace = only();
    assert.equal(trace.modelName, 'gpt-4o');
    assert.equal(trace.userQuery, 'What is AI?');
    assert.equal(trace.systemPrompt, 'Be brief.');
    assert.equal(trace.aiResponse, 'You asked: What is AI?');
    assert.equal(trace.promptTokens, answer.usage.prompt_tokens);
    assert.equal(trace.completionTokens, answer.usage.completion_tokens);
    assert.equal(trace.cost, Number(((answer.usage.prompt_tokens * 2.5 + answer.usage.completion_tokens * 10) / 1e6).toFixed(12)));
    assert.equal(trace.sessionId, 's-1');
    assert.ok(trace.responseTimeMs > 0);
    const { finish_reason, temperature, app, response_id } = trace.metadata;
    assert.deepEqual({ finish_reason, temperature, app, response_id }, { finish_reason: 'stop', temperature: 0.5, app: 'test', response_id: answer.id });
  });

  it('logs a stream once it was read', async () => {
    const stream = await ask({ stream: true });
    assert.equal(log.traces.length, 0);
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(text, 'You asked: What is AI?');
    const trace = only();
    assert.equal(trace.aiResponse, text);
    assert.ok(trace.completionTokens > 0);
    assert.ok(trace.metadata.time_to_first_chunk_ms <= trace.responseTimeMs);
    assert.equal(trace.metadata.finish_reason, 'stop');
  });

  it('logs what was read of a stream that the caller leaves', async () => {
    for await (const chunk of await ask({ stream: true })) {
      if (chunk.choices[0]?.delta.content) {
        break;
      }
    }
    assert.equal(only().aiResponse, 'You');
    assert.equal(only().metadata.stopped_by_caller, true);
  });

  it('logs a stream that breaks off as an error, and the caller gets the error', async () => {
    await assert.rejects(async () => {
      for await (const _ of await ask({ model: 'breaks-off', stream: true })) { /* read on */ }
    });
    assert.equal(only().aiResponse, 'You');
    assert.ok(only().error.message);
  });

  it('keeps tee and toReadableStream', async () => {
    const [left, right] = (await ask({ stream: true })).tee();
    const read = async (stream) => {
      let count = 0;
      for await (const _ of stream) {
        count++;
      }
      return count;
    };
    assert.equal(await read(left), await read(right));
    assert.equal(only().aiResponse, 'You asked: What is AI?');
    const text = await new Response((await ask({ stream: true })).toReadableStream()).text();
    assert.match(text, /asked/);
    assert.equal(log.traces.length, 2);
  });

  it('logs tool calls, and their results with the answer to them', async () => {
    const question = [{ role: 'user', content: 'Rome' }];
    const first = await ask({ messages: question, tools: [weather] });
    const { message } = first.choices[0];
    assert.deepEqual(log.traces[0].functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' } }]);
    await ask({ messages: [...question, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'Sunny' }], tools: [weather] });
    assert.equal(log.traces[1].userQuery, 'Rome');
    assert.deepEqual(log.traces[1].functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' }, result: 'Sunny' }]);
  });

  it('puts streamed tool calls together', async () => {
    for await (const _ of await ask({ messages: [{ role: 'user', content: 'New York City' }], tools: [weather], stream: true })) { /* read */ }
    assert.deepEqual(only().functionsCalled, [{ name: 'find_weather', parameters: { place: 'New York City' } }]);
  });

  it('logs the first of several streamed answers, whose pieces come mixed', async () => {
    const piece = (index, content) => ({ choices: [{ ...(index !== undefined && { index }), delta: { content } }] });
    for (const [first, ...others] of [[0, 1, 2], [undefined]]) {
      log.traces.length = 0;
      const create = async () => (async function* () {
        yield* ['a', 'b'].flatMap((content) => [...others, first].map((index) => piece(index, content)));
      })();
      const fake = wrapOpenAI({ chat: { completions: { create } } }, { evalClient: log });
      for await (const _ of await fake.chat.completions.create({ model: 'm', messages, stream: true })) { /* read */ }
      assert.equal(only().aiResponse, 'ab');
    }
  });

  it("works with the client's own helpers", async () => {
    const final = await openai.chat.completions.stream({ model: 'gpt-4o', messages }).finalChatCompletion();
    assert.equal(only().aiResponse, final.choices[0].message.content);
    await openai.chat.completions.parse({ model: 'gpt-4o', messages });
    assert.equal(log.traces.length, 2);
    const runner = openai.chat.completions.runTools({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Rome' }],
      tools: [{ type: 'function', function: { ...weather.function, parse: JSON.parse, function: ({ place }) => `Sunny in ${place}` } }],
    });
    assert.equal(await runner.finalContent(), 'The tool says: Sunny in Rome');
    assert.equal(log.traces.length, 4);
    assert.equal(log.traces[3].functionsCalled[0].result, 'Sunny in Rome');
  });

  it('leaves raw responses to the caller', async () => {
    const raw = await ask().asResponse();
    assert.equal((await raw.json()).choices[0].finish_reason, 'stop');
    assert.equal(log.traces.length, 0);
    const { data, response } = await ask().withResponse();
    assert.equal(response.status, 200);
    assert.equal(only().aiResponse, data.choices[0].message.content);
  });

  it('logs an error and hands it on', async () => {
    await assert.rejects(ask({ model: 'rate-limited' }), RateLimitError);
    await until1();
    const trace = only();
    assert.equal(trace.aiResponse, '');
    assert.deepEqual([trace.error.status, trace.error.code], [429, 'rate_limit_exceeded']);
    async function until1() {
      for (let i = 0; i < 50 && log.traces.length === 0; i++) {
        await sleep(5);
      }
    }
  });

  it('logs responses, plain and streamed, with their calls', async () => {
    const plain = await openai.responses.create({ model: 'gpt-4o', instructions: 'Be brief.', input: 'Hello' });
    assert.equal(plain.output_text, 'You asked: Hello');
    const tools = [{ type: 'function', name: 'find_weather', parameters: weather.function.parameters }];
    for await (const _ of await openai.responses.create({ model: 'gpt-4o', input: 'Rome', tools, stream: true })) { /* read */ }
    assert.equal(log.traces[0].aiResponse, 'You asked: Hello');
    assert.equal(log.traces[0].systemPrompt, 'Be brief.');
    assert.equal(log.traces[0].promptTokens, plain.usage.input_tokens);
    assert.deepEqual(log.traces[1].functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' } }]);
    assert.equal(log.traces[1].metadata.finish_reason, 'completed');
  });

  it('wraps a client once', async () => {
    wrapOpenAI(openai, { evalClient: log });
    await ask();
    assert.equal(log.traces.length, 1);
  });

  it('never hurts the call, even when logging fails', async () => {
    const fragile = wrapOpenAI(new OpenAI({ baseURL: provider.url, apiKey: 'sk-test' }), { evalClient: { capture() { throw new Error('no'); } } });
    assert.ok((await fragile.chat.completions.create({ model: 'gpt-4o', messages })).id);
  });
});
