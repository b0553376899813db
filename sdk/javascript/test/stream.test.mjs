import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuthenticationError, LLMEvalStreamClient } from 'llm-eval-sdk';
import { runScript, startServer, until } from './support.mjs';

const frame = (id, event, data = {}) => `id: ${id}\ndata: ${JSON.stringify({ event, data, timestamp: 'now' })}\n\n`;

/** Writes frames, and leaves the stream open. */
function opened(response, ...frames) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`retry: 20\n\n${frames.join('')}`);
}

describe('a stream', () => {
  it('goes on after the last event when the connection breaks', async () => {
    const server = await startServer((seen, index, response) => {
      opened(response, frame(index * 2 + 1, 'a'), frame(index * 2 + 2, 'b'));
      setTimeout(() => response.destroy(), 30);
    });
    const errors = [];
    const client = new LLMEvalStreamClient(server.url, { onError: (error) => errors.push(error) });
    const events = [];
    const stop = client.streamEvents((event) => events.push(event.event));
    await until(() => server.requests.length >= 4);
    stop();
    assert.deepEqual(server.requests.slice(0, 4).map((seen) => seen.headers['last-event-id']), [undefined, '2', '4', '6']);
    assert.deepEqual(events.slice(0, 6), ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.ok(errors.every((error) => error.kind === 'connection' && error.willRetry));
    await server.close();
  });

  it('goes on when the server was away', async () => {
    const server = await startServer((_, index, response) => opened(response, frame(index + 1, 'x')));
    const client = new LLMEvalStreamClient(server.url);
    let seen = 0;
    const stop = client.streamEvents(() => seen++);
    await until(() => seen === 1);
    await server.close();
    await sleep(100);
    await server.listenAgain();
    await until(() => seen === 2);
    assert.equal(server.requests[1].headers['last-event-id'], '1');
    stop();
    await server.close();
  });

  it('takes a connection without a byte for dead', async () => {
    const server = await startServer((_, index, response) => opened(response, frame(index + 1, 'x')));
    const client = new LLMEvalStreamClient(server.url, { silenceMs: 60, onError: () => {} });
    const stop = client.streamEvents(() => {});
    await until(() => server.requests.length === 3);
    stop();
    await server.close();
  });

  it('is kept alive by heartbeats, which move the cursor', async () => {
    const server = await startServer((_, index, response) => {
      opened(response, frame(1, 'x'));
      let id = 2;
      const beat = setInterval(() => response.write(`: hb\nid: ${id++}\n\n`), 20);
      setTimeout(() => { clearInterval(beat); response.destroy(); }, 400);
    });
    const client = new LLMEvalStreamClient(server.url, { silenceMs: 150, onError: () => {} });
    const stop = client.streamEvents(() => {});
    await until(() => server.requests.length === 2);
    assert.ok(Number(server.requests[1].headers['last-event-id']) > 5);
    stop();
    await server.close();
  });

  it('sends its filters and its key', async () => {
    const server = await startServer((_, __, response) => opened(response));
    const client = new LLMEvalStreamClient(server.url, { apiKey: 'evk_k', headers: { 'x-team': 'a' } });
    client.streamEvents(() => {}, { modelName: ['gpt-4', 'o3'], evaluationStatus: 'pending', clientId: 'me', lastEventId: 7 });
    client.streamTraces(() => {}, 25);
    client.streamMetrics(() => {}, 2);
    await until(() => server.requests.length === 3);
    const [events, traces, metrics] = ['events', 'traces', 'metrics'].map((name) => server.requests.find((seen) => seen.path === `/stream/${name}`));
    assert.equal(events.query.toString(), 'model_name=gpt-4&model_name=o3&evaluation_status=pending&client_id=me');
    assert.equal(events.headers['last-event-id'], '7');
    assert.equal(events.headers.authorization, 'Bearer evk_k');
    assert.equal(events.headers['x-team'], 'a');
    assert.equal(traces.query.toString(), 'limit=25');
    assert.equal(metrics.query.toString(), 'interval=2');
    client.closeAllStreams();
    await server.close();
  });

  it('stops at once and for good', async () => {
    const server = await startServer((_, __, response) => opened(response, frame(1, 'a'), frame(2, 'b'), frame(3, 'c')));
    const client = new LLMEvalStreamClient(server.url);
    const events = [];
    const stop = client.streamEvents((event) => {
      events.push(event.event);
      stop();
      stop();
    });
    await until(() => events.length > 0);
    await sleep(50);
    assert.deepEqual(events, ['a']);
    assert.equal(server.requests.length, 1);
    await server.close();
  });

  it('ends with a word when the server says no', async () => {
    const server = await startServer(() => ({ status: 401, body: { message: 'A key is needed' } }));
    const client = new LLMEvalStreamClient(server.url);
    const errors = [];
    client.streamEvents(() => {});
    client.onError = (error) => errors.push(error);
    await until(() => errors.length === 1);
    assert.deepEqual([errors[0].kind, errors[0].status, errors[0].willRetry], ['http', 401, false]);
    assert.ok(errors[0].cause instanceof AuthenticationError);
    await sleep(50);
    assert.equal(server.requests.length, 1);
    await server.close();
  });

  it('tells of each stream by itself, and of all to the client', async () => {
    const server = await startServer(({ path }, _, response) => (path === '/stream/events' ? opened(response, frame(1, 'a')) : { status: 403, body: { message: path } }));
    const all = [];
    const [traces, metrics, events] = [[], [], []];
    const hear = (heard) => ({ onError: (error) => heard.push([error.status, error.willRetry]) });
    const client = new LLMEvalStreamClient(server.url, { onError: (error) => all.push(error.message) });
    client.streamEvents(() => {}, hear(events));
    client.streamTraces(() => {}, hear(traces));
    client.streamMetrics(() => {}, hear(metrics));
    await until(() => all.length === 2);
    assert.deepEqual([traces, metrics, events], [[[403, false]], [[403, false]], []]);
    assert.deepEqual(all.sort(), ['The stream ended: /stream/metrics', 'The stream ended: /stream/traces']);
    client.closeAllStreams();
    assert.ok(server.requests.every(({ query }) => [...query.keys()].length === 0));
    await server.close();
  });

  it('tries again after 503', async () => {
    const server = await startServer((_, index, response) => (index === 0 ? { status: 503, headers: { 'retry-after': '0' } } : opened(response, frame(1, 'a'))));
    const client = new LLMEvalStreamClient(server.url, { onError: () => {} });
    let seen = 0;
    const stop = client.streamEvents(() => seen++);
    await until(() => seen === 1);
    stop();
    await server.close();
  });

  it('survives a callback that throws, a frame that is no JSON, and an onError that throws', async () => {
    const server = await startServer((_, __, response) => opened(response, frame(1, 'a'), 'data: {broken\n\n', frame(2, 'b')));
    const client = new LLMEvalStreamClient(server.url);
    const kinds = [];
    const events = [];
    client.onError = (error) => {
      kinds.push(error.kind);
      throw new Error('handler');
    };
    const stop = client.streamEvents((event) => {
      events.push(event.event);
      if (event.event === 'a') {
        throw new Error('mine');
      }
    });
    await until(() => events.length === 2);
    assert.deepEqual(kinds.sort(), ['callback', 'parse']);
    stop();
    await server.close();
  });

  it('hands on a line of ten megabytes', async () => {
    const text = 'x'.repeat(10_000_000);
    const server = await startServer((_, __, response) => opened(response, frame(1, 'big', { text })));
    const client = new LLMEvalStreamClient(server.url);
    for await (const event of client.events()) {
      assert.equal(event.data.text.length, text.length);
      break;
    }
    await server.close();
  });

  it('as an iterable ends with the loop, and throws what ends it', async () => {
    const server = await startServer((seen, index, response) => (index === 0 ? opened(response, frame(1, 'a'), frame(2, 'b')) : { status: 403, body: { message: 'No' } }));
    const client = new LLMEvalStreamClient(server.url);
    const events = [];
    for await (const event of client.events()) {
      events.push(event.event);
      if (events.length === 2) {
        break;
      }
    }
    assert.deepEqual(events, ['a', 'b']);
    await assert.rejects(client.events().next(), { name: 'PermissionDeniedError' });
    await server.close();
  });

  it('ends with a signal', async () => {
    const server = await startServer((_, __, response) => opened(response, frame(1, 'a')));
    const client = new LLMEvalStreamClient(server.url);
    const abort = new AbortController();
    const events = [];
    for await (const event of client.events({ signal: abort.signal })) {
      events.push(event.event);
      setTimeout(() => abort.abort(), 20);
    }
    assert.deepEqual(events, ['a']);
    await server.close();
  });

  it('shares its signal with any number of others, and of requests', async () => {
    const server = await startServer((seen, _, response) => (seen.path === '/stream/events' ? opened(response, frame(1, 'a')) : { fault: 'silence' }));
    const { exitCode, output } = await runScript(server.url, `
      import { LLMEvalClient, LLMEvalStreamClient } from 'llm-eval-sdk';
      const stop = new AbortController();
      const streams = new LLMEvalStreamClient();
      const open = new Set();
      const requests = Array.from({ length: 20 }, (_, index) => {
        streams.streamEvents(() => open.add(index), { signal: stop.signal });
        return new LLMEvalClient().getStats({ signal: stop.signal }).catch((error) => error.message);
      });
      while (open.size < 20) {
        await new Promise((done) => { setTimeout(done, 10); });
      }
      stop.abort();
      console.log([...new Set(await Promise.all(requests))].join());`);
    assert.deepEqual([exitCode, output], [0, 'The request was cancelled.\n']);
    await server.close();
  });
});
