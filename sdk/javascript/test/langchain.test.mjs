// The real @langchain/core: a model of ours that asks the stand-in provider, and what LangChain makes of it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { LLM } from '@langchain/core/language_models/llms';
import { AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import OpenAI from 'openai';
import { EvalCallbackHandler } from 'llm-eval-sdk/langchain';
import { startProvider } from '../../../examples/provider/server.mjs';
import { recorder, until } from './support.mjs';

const toolDefinition = { type: 'function', function: { name: 'find_weather', parameters: { type: 'object', properties: { place: { type: 'string' } } } } };
const wire = { human: 'user', ai: 'assistant', system: 'system', tool: 'tool' };

/** What @langchain/openai does, in little. */
class ChatModel extends BaseChatModel {
  constructor({ openai, model = 'gpt-4o', ...fields }) {
    super(fields);
    Object.assign(this, { openai, model });
  }

  _llmType() {
    return 'test-chat';
  }

  invocationParams(options) {
    return { model: this.model, temperature: 0.2, tools: options?.tools };
  }

  #request(messages, options) {
    return {
      model: this.model,
      tools: options.tools,
      messages: messages.map((message) => ({
        role: wire[message.getType()],
        content: message.content,
        ...(message.tool_call_id && { tool_call_id: message.tool_call_id }),
        ...(message.tool_calls?.length && {
          tool_calls: message.tool_calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.args) } })),
        }),
      })),
    };
  }

  async _generate(messages, options) {
    const { choices: [{ message, finish_reason }], usage } = await this.openai.chat.completions.create(this.#request(messages, options));
    const answer = new AIMessage({
      content: message.content ?? '',
      tool_calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) })),
      usage_metadata: { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens, total_tokens: usage.total_tokens },
      response_metadata: { finish_reason },
    });
    return { generations: [{ text: message.content ?? '', message: answer }] };
  }

  async *_streamResponseChunks(messages, options, runManager) {
    const stream = await this.openai.chat.completions.create({ ...this.#request(messages, options), stream: true });
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta.content ?? '';
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
      await runManager?.handleLLMNewToken(text);
    }
  }
}

class Completion extends LLM {
  _llmType() {
    return 'test-llm';
  }

  async _call(prompt) {
    if (prompt === 'fail') {
      throw new Error('The model is out');
    }
    return `Echo: ${prompt}`;
  }
}

describe('EvalCallbackHandler', () => {
  let provider;
  let openai;
  let log;
  let callbacks;
  before(async () => {
    provider = await startProvider();
    openai = new OpenAI({ baseURL: provider.url, apiKey: 'sk-test', maxRetries: 0 });
  });
  after(() => provider.close());
  beforeEach(() => {
    log = recorder();
    callbacks = [new EvalCallbackHandler(log, { metadata: { app: 'test' }, sessionId: 's-1' })];
  });

  // LangChain calls handlers in the background.
  const logged = async (count) => {
    await until(() => log.traces.length >= count);
    return log.traces;
  };

  it('logs a chain of prompt and chat model', async () => {
    const chain = ChatPromptTemplate.fromMessages([['system', 'Be {how}.'], ['human', '{question}']]).pipe(new ChatModel({ openai }));
    const answer = await chain.invoke({ how: 'brief', question: 'What is AI?' }, { callbacks, tags: ['t1'] });
    const [trace] = await logged(1);
    assert.equal(trace.modelName, 'gpt-4o');
    assert.equal(trace.userQuery, 'What is AI?');
    assert.equal(trace.systemPrompt, 'Be brief.');
    assert.equal(trace.aiResponse, answer.content);
    assert.equal(trace.promptTokens, answer.usage_metadata.input_tokens);
    assert.ok(trace.cost > 0);
    assert.equal(trace.sessionId, 's-1');
    assert.equal(trace.metadata.framework, 'langchain');
    assert.equal(trace.metadata.finish_reason, 'stop');
    assert.equal(trace.metadata.temperature, 0.2);
    assert.equal(trace.metadata.app, 'test');
  });

  it('logs a stream, with the time to its first piece', async () => {
    let text = '';
    for await (const chunk of await new ChatModel({ openai }).stream('Count to three', { callbacks })) {
      text += chunk.content;
    }
    const [trace] = await logged(1);
    assert.equal(trace.aiResponse, text);
    assert.ok(trace.metadata.time_to_first_chunk_ms >= 0);
  });

  it('logs tool calls, the run of the tool, and its result with the answer', async () => {
    const findWeather = tool(async ({ place }) => `Sunny in ${place}`, {
      name: 'find_weather', description: 'Weather', schema: toolDefinition.function.parameters,
    });
    const model = new ChatModel({ openai });
    const question = new HumanMessage('Rome');
    const call = await model.invoke([new SystemMessage('Use tools.'), question], { callbacks, tools: [toolDefinition] });
    const result = await findWeather.invoke({ ...call.tool_calls[0], type: 'tool_call' }, { callbacks });
    assert.ok(result instanceof ToolMessage);
    await model.invoke([question, call, result], { callbacks });
    const [first, second, third] = await logged(3);
    assert.deepEqual(first.functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' } }]);
    assert.equal(second.metadata.kind, 'tool');
    assert.equal(second.aiResponse, 'Sunny in Rome');
    assert.deepEqual(second.functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' }, result: 'Sunny in Rome' }]);
    assert.deepEqual(third.functionsCalled, [{ name: 'find_weather', parameters: { place: 'Rome' }, result: 'Sunny in Rome' }]);
  });

  it('logs a plain model and its errors', async () => {
    const model = new Completion({});
    assert.equal(await model.invoke('Hello', { callbacks }), 'Echo: Hello');
    await assert.rejects(model.invoke('fail', { callbacks, maxRetries: 0 }));
    const [good, bad] = await logged(2);
    assert.deepEqual([good.userQuery, good.aiResponse], ['Hello', 'Echo: Hello']);
    assert.deepEqual([bad.userQuery, bad.error.message], ['fail', 'The model is out']);
  });

  it('survives ends without a start and answers of an odd form', async () => {
    const [handler] = callbacks;
    handler.handleLLMEnd({}, 'nobody');
    handler.handleLLMStart(undefined, ['q'], 'run');
    handler.handleLLMEnd({ generations: 7 }, 'run');
    handler.handleChatModelStart({}, [], 'run2');
    handler.handleLLMError('text', 'run2');
    assert.equal(log.traces.length, 2);
    assert.equal(log.traces[0].modelName, 'unknown');
  });
});
