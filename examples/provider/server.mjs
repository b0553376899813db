// A stand-in for an OpenAI-compatible provider, so that examples and tests need no key and no network.
//
//   node server.mjs [--port 9100]        then use base URL http://localhost:9100/v1 and any key
//
// It speaks chat completions and responses, plain and streamed, with tool calls and usage, and answers with errors of the same
// shape. Answers depend on the request alone. Some model names misbehave on purpose: see `misbehave`.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const models = ['gpt-4', 'gpt-4o', 'gpt-4o-mini', 'gpt-3.5-turbo'];
const created = 1_700_000_000;
let count = 0;

class Fault extends Error {
  constructor(status, message, { type = 'invalid_request_error', param = null, code = null, headers = {} } = {}) {
    super(message);
    Object.assign(this, { status, headers, body: { error: { message, type, param, code } } });
  }
}

// Four letters are about one token; exact figures would need the model's own tokenizer.
const tokens = (text) => Math.max(1, Math.ceil((text ?? '').length / 4));
const textOf = (content) => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''));
const pieces = (text) => text.match(/\s*\S+/g) ?? [''];
const nextId = (prefix) => `${prefix}-standin-${++count}`;

/** What the model says to a conversation: text, or a call of the first tool. */
function think(messages, tools) {
  const last = messages.at(-1);
  if (last.role === 'tool') {
    return { text: `The tool says: ${textOf(last.content)}` };
  }
  const question = textOf(messages.findLast((m) => m.role === 'user')?.content);
  if (tools?.length && last.role === 'user') {
    const tool = tools[0].function ?? tools[0];
    const parameters = Object.keys(tool.parameters?.properties ?? {});
    return { call: { name: tool.name, arguments: JSON.stringify(parameters.length ? { [parameters[0]]: question } : {}) } };
  }
  return { text: `You asked: ${question}` };
}

/** Models that fail like the real ones do. */
async function misbehave(model, response) {
  if (model === 'rate-limited') {
    throw new Fault(429, 'Rate limit reached', { type: 'requests', code: 'rate_limit_exceeded', headers: { 'retry-after': '1' } });
  }
  if (model === 'broken') {
    throw new Fault(500, 'The server had an error while processing your request', { type: 'server_error' });
  }
  if (model === 'no-such-model') {
    throw new Fault(404, `The model \`${model}\` does not exist`, { param: 'model', code: 'model_not_found' });
  }
  if (model === 'slow') {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  if (model === 'hangs-up') {
    response.destroy();
  }
}

function chatUsage(messages, answer) {
  const prompt = messages.reduce((sum, m) => sum + tokens(textOf(m.content)), 0);
  const completion = tokens(answer.text ?? answer.call.arguments);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

async function chat(request, response) {
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw new Fault(400, "Missing required parameter: 'messages'.", { param: 'messages', code: 'missing_required_parameter' });
  }
  const answer = think(request.messages, request.tool_choice === 'none' ? undefined : request.tools);
  const usage = chatUsage(request.messages, answer);
  const reason = answer.call ? 'tool_calls' : 'stop';
  const call = answer.call && { id: nextId('call'), type: 'function', function: answer.call };
  const envelope = { id: nextId('chatcmpl'), created, model: request.model, system_fingerprint: 'fp_standin' };
  if (!request.stream) {
    const message = { role: 'assistant', content: answer.text ?? null, refusal: null, ...(call && { tool_calls: [call] }) };
    return { ...envelope, object: 'chat.completion', choices: [{ index: 0, message, logprobs: null, finish_reason: reason }], usage };
  }

  const withUsage = request.stream_options?.include_usage === true;
  const send = startStream(response);
  const chunk = (delta, finish = null) => send({
    ...envelope,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(withUsage && { usage: null }),
  });
  await chunk({ role: 'assistant', content: call ? null : '' });
  if (call) {
    await chunk({ tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] });
    for (const part of pieces(call.function.arguments)) {
      await chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] });
    }
  } else {
    for (const part of pieces(answer.text)) {
      await chunk({ content: part });
      if (request.model === 'breaks-off') {
        response.destroy();
        return undefined;
      }
    }
  }
  await chunk({}, reason);
  if (withUsage) {
    await send({ ...envelope, object: 'chat.completion.chunk', choices: [], usage });
  }
  response.end('data: [DONE]\n\n');
  return undefined;
}

async function respond(request, response) {
  if (request.input === undefined) {
    throw new Fault(400, "Missing required parameter: 'input'.", { param: 'input', code: 'missing_required_parameter' });
  }
  const items = typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input;
  const messages = items.map((item) => (item.type === 'function_call_output' ? { role: 'tool', content: item.output } : item));
  const answer = think(messages, request.tools);
  const { prompt_tokens, completion_tokens, total_tokens } = chatUsage(messages, answer);
  const item = answer.call
    ? { type: 'function_call', id: nextId('fc'), call_id: nextId('call'), status: 'completed', ...answer.call }
    : { type: 'message', id: nextId('msg'), status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: answer.text, annotations: [] }] };
  const finished = {
    id: nextId('resp'), object: 'response', created_at: created, status: 'completed', error: null, incomplete_details: null,
    instructions: request.instructions ?? null, metadata: {}, model: request.model, output: [item], parallel_tool_calls: true,
    temperature: 1, tool_choice: 'auto', tools: request.tools ?? [], top_p: 1,
    usage: {
      input_tokens: prompt_tokens, input_tokens_details: { cached_tokens: 0 },
      output_tokens: completion_tokens, output_tokens_details: { reasoning_tokens: 0 }, total_tokens,
    },
  };
  if (!request.stream) {
    return finished;
  }

  let sequence = 0;
  const send = startStream(response);
  const event = (type, members) => send({ type, sequence_number: sequence++, ...members }, type);
  await event('response.created', { response: { ...finished, status: 'in_progress', output: [], usage: null } });
  await event('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress' } });
  const place = { item_id: item.id, output_index: 0 };
  if (answer.call) {
    for (const delta of pieces(answer.call.arguments)) {
      await event('response.function_call_arguments.delta', { ...place, delta });
    }
    await event('response.function_call_arguments.done', { ...place, ...answer.call });
  } else {
    for (const delta of pieces(answer.text)) {
      await event('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] });
    }
    await event('response.output_text.done', { ...place, content_index: 0, text: answer.text, logprobs: [] });
  }
  await event('response.output_item.done', { output_index: 0, item });
  await event('response.completed', { response: finished });
  response.end();
  return undefined;
}

/** Begins an event stream; each event goes out by itself, as it does from a real model. */
function startStream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  return async (data, name) => {
    response.write(`${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
}

async function readJson(request) {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Fault(400, 'We could not parse the JSON body of your request.');
  }
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const route = `${request.method} ${pathname}`;
  if (!/^Bearer \S/.test(request.headers.authorization ?? '')) {
    throw new Fault(401, "You didn't provide an API key.", { code: 'invalid_api_key' });
  }
  if (route === 'GET /v1/models') {
    return { object: 'list', data: models.map((id) => ({ id, object: 'model', created, owned_by: 'standin' })) };
  }
  const endpoint = { 'POST /v1/chat/completions': chat, 'POST /v1/responses': respond }[route];
  if (!endpoint) {
    throw new Fault(404, `Invalid URL (${route})`);
  }
  const body = await readJson(request);
  if (typeof body.model !== 'string') {
    throw new Fault(400, 'you must provide a model parameter');
  }
  await misbehave(body.model, response);
  return endpoint(body, response);
}

/** Listens on 127.0.0.1; port 0 takes a free one. */
export function startProvider(port = 0) {
  const server = createServer(async (request, response) => {
    response.setHeader('x-request-id', nextId('req'));
    try {
      const body = await answer(request, response);
      if (body) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }
    } catch (error) {
      if (!response.headersSent && !response.destroyed) {
        const { status = 500, headers = {}, body = { error: { message: error.message, type: 'server_error', param: null, code: null } } } = error;
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      } else {
        response.destroy();
      }
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}/v1`,
      close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
    }));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const at = process.argv.indexOf('--port');
  const { url } = await startProvider(at < 0 ? 9100 : Number(process.argv[at + 1]));
  console.log(`OpenAI-compatible stand-in on ${url}`);
}
