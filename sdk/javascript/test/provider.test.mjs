// The real client proves that the stand-in provider of the examples answers like one.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI, { APIConnectionError, AuthenticationError, NotFoundError, RateLimitError } from 'openai';
import { startProvider } from '../../../examples/provider/server.mjs';

const tools = [{
  type: 'function',
  function: { name: 'find_weather', parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] } },
}];

describe('the stand-in provider', () => {
  let provider;
  let openai;
  before(async () => {
    provider = await startProvider();
    openai = new OpenAI({ baseURL: provider.url, apiKey: 'sk-test', maxRetries: 0 });
  });
  after(() => provider.close());

  const ask = (text, more) => openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: text }], ...more });

  it('completes a chat', async () => {
    const completion = await ask('What is AI?');
    assert.equal(completion.choices[0].message.content, 'You asked: What is AI?');
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
  });

  it('streams a chat, with usage when asked', async () => {
    const stream = await ask('Count to three', { stream: true, stream_options: { include_usage: true } });
    let text = '';
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage ??= chunk.usage;
    }
    assert.equal(text, 'You asked: Count to three');
    assert.ok(usage.completion_tokens > 0);
  });

  it('calls a tool, and reads its answer', async () => {
    const { choices: [{ message, finish_reason }] } = await ask('Rome', { tools });
    assert.equal(finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { place: 'Rome' });
    const final = await openai.chat.completions.create({
      model: 'gpt-4o',
      tools,
      messages: [{ role: 'user', content: 'Rome' }, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'Sunny' }],
    });
    assert.equal(final.choices[0].message.content, 'The tool says: Sunny');
  });

  it('streams a tool call in parts that the client puts together', async () => {
    const runner = openai.chat.completions.stream({ model: 'gpt-4o', tools, messages: [{ role: 'user', content: 'New York City' }] });
    const { choices: [{ message }] } = await runner.finalChatCompletion();
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { place: 'New York City' });
  });

  it('answers to responses, plain and streamed', async () => {
    const plain = await openai.responses.create({ model: 'gpt-4o', input: 'Hello' });
    assert.equal(plain.output_text, 'You asked: Hello');
    const streamed = await openai.responses.stream({ model: 'gpt-4o', input: 'Hello' }).finalResponse();
    assert.equal(streamed.output_text, 'You asked: Hello');
    assert.ok(streamed.usage.input_tokens > 0);
  });

  it('lists models', async () => {
    const ids = (await openai.models.list()).data.map((model) => model.id);
    assert.ok(ids.includes('gpt-4o'));
  });

  it('fails with the errors that the client knows', async () => {
    await assert.rejects(ask('x', { model: 'rate-limited' }), (error) => error instanceof RateLimitError && error.code === 'rate_limit_exceeded');
    await assert.rejects(ask('x', { model: 'no-such-model' }), NotFoundError);
    await assert.rejects(ask('x', { model: 'hangs-up' }), APIConnectionError);
    await assert.rejects(new OpenAI({ baseURL: provider.url, apiKey: ' ', maxRetries: 0 }).models.list(), AuthenticationError);
  });
});
