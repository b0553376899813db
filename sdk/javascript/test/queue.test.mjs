// The background queue: what is captured arrives once, whatever happens to the server, and the host never notices.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LLMEvalClient } from 'llm-eval-sdk';
import { aTrace, runScript, startServer, storeAll, tangle, until } from './support.mjs';

const sentIds = (server) => server.requests.flatMap((seen) => JSON.parse(seen.text).traces.map((trace) => trace.trace_id));
const clientOf = (server, options) => new LLMEvalClient(server.url, { onError: () => {}, ...options });
const captureMany = (client, count) => Array.from({ length: count }, (_, index) => client.capture(aTrace({ traceId: `t-${index}` })));

describe('the queue', () => {
  it('sends when enough is there, in order, at most a hundred at once', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { flushAt: 50, flushIntervalMs: 60_000 });
    captureMany(client, 49);
    await sleep(50);
    assert.equal(server.requests.length, 0);

    captureMany(client, 200);
    assert.ok(await client.flush());

    assert.equal(server.requests.length, 3);
    assert.deepEqual(client.stats, { queued: 0, delivered: 249, dropped: 0, rejected: 0 });
    await server.close();
  });

  it('joins the default metadata to metadata of any kind', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { defaultMetadata: { app: 'shop' } });
    client.capture(aTrace({ metadata: { toJSON: () => ({ step: 1 }) } }));
    client.capture(aTrace({ metadata: 'a text' }));
    client.capture(aTrace());
    await client.flush();
    // The second is for the server to refuse, which says why.
    assert.deepEqual(JSON.parse(server.requests[0].text).traces.map((trace) => trace.metadata), [{ app: 'shop', step: 1 }, 'a text', { app: 'shop' }]);
    await server.close();
  });

  it('leaves the objects of the application as they are, whatever beforeSend does', async () => {
    const server = await startServer(storeAll);
    const heard = [];
    const user = { email: 'a@b.example', name: 'A' };
    const redacting = clientOf(server, { beforeSend: (trace) => { delete trace.metadata.user.email; return trace; } });
    redacting.capture(aTrace({ metadata: { user } }));
    await redacting.flush();
    assert.deepEqual(JSON.parse(server.requests[0].text).traces[0].metadata, { user: { name: 'A' } });
    assert.deepEqual(user, { email: 'a@b.example', name: 'A' });

    const promising = clientOf(server, { beforeSend: async (trace) => trace, onError: (error) => heard.push(error.message) });
    promising.capture(aTrace());
    assert.deepEqual(heard, ['beforeSend must return the trace or null at once, not a promise.']);
    await server.close();
  });

  it('says what is in maps, sets, errors and typed arrays', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { defaultMetadata: { app: 'shop' } });
    const circle = new Map();
    circle.set('self', circle);
    client.capture(aTrace({
      metadata: new Map([
        ['map', new Map([['a', new Set([1, { b: new Map([[1, 'one']]) }])]])],
        ['vector', new Float32Array([0.5, 2])],
        ['cause', new TypeError('boom')],
        ['circle', circle],
        ['big', new Set([10n])],
        ['pattern', /^a+$/i],
        ['headers', new Headers({ Accept: 'text/plain' })],
        ['bytes', new Uint8Array([1, 255]).buffer],
      ]),
      functionsCalled: [{ name: 'search', error: Object.assign(new Error('away'), { code: 'E_AWAY' }) }],
      tags: new Set(['a', 'b']),
    }));
    assert.ok(await client.flush());

    const [trace] = JSON.parse(server.requests[0].text).traces;
    assert.deepEqual(trace.metadata, {
      app: 'shop',
      map: { a: [1, { b: [[1, 'one']] }] },
      vector: [0.5, 2],
      cause: { type: 'TypeError', message: 'boom' },
      circle: { self: '[circular]' },
      big: [10],
      pattern: '/^a+$/i',
      headers: { accept: 'text/plain' },
      bytes: [1, 255],
    });
    assert.deepEqual(trace.functions_called[0].error, { type: 'Error', message: 'away', code: 'E_AWAY' });
    assert.deepEqual(trace.tags, ['a', 'b']);
    await server.close();
  });

  it('says the same without care where none is needed', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    client.capture(aTrace({ metadata: { found: new Map([['a', 1]]), failed: [new RangeError('far')] } }));
    assert.ok(await client.flush());

    const [trace] = JSON.parse(server.requests[0].text).traces;
    assert.deepEqual(trace.metadata, { found: { a: 1 }, failed: [{ type: 'RangeError', message: 'far' }] });
    await server.close();
  });

  it('takes the number of a row for an id, and returns what the server knows it by', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    assert.equal(client.capture(aTrace({ traceId: 5 })), '5');
    assert.ok(await client.flush());

    assert.equal(JSON.parse(server.requests[0].text).traces[0].trace_id, '5');
    await server.close();
  });

  it('reports what is no trace at all, and returns an id nevertheless', async () => {
    const server = await startServer(storeAll);
    const heard = [];
    const client = clientOf(server, { onError: (error) => heard.push(error.message) });
    for (const none of [null, undefined, 'text']) {
      assert.equal(typeof client.capture(none), 'string');
      await assert.rejects(client.sendTrace(none), { name: 'TypeError', message: /A trace is an object/ });
    }

    assert.equal(heard.length, 3);
    assert.match(heard[0], /this is null/);
    assert.equal(server.requests.length, 0);
    await server.close();
  });

  it('sends after a while what is not enough', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { flushIntervalMs: 30 });
    client.capture(aTrace({ traceId: 'alone' }));
    await until(() => client.stats.delivered === 1);
    assert.deepEqual(sentIds(server), ['alone']);
    await server.close();
  });

  it('keeps a batch below its bytes', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { maxBatchBytes: 5_000, gzip: false });
    for (let index = 0; index < 10; index++) {
      client.capture(aTrace({ aiResponse: 'x'.repeat(2_000) }));
    }
    await client.flush();
    assert.equal(server.requests.length, 5);
    assert.ok(server.requests.every((seen) => seen.raw.length < 5_500));
    await server.close();
  });

  it('packs large batches, and signs what is on the wire', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { webhookSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
    client.capture(aTrace({ aiResponse: 'x'.repeat(50_000) }));
    await client.flush();
    const [{ headers, raw }] = server.requests;
    assert.equal(headers['content-encoding'], 'gzip');
    assert.ok(raw.length < 5_000);
    const { verifyWebhook } = await import('llm-eval-sdk');
    await verifyWebhook(raw, headers, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    await server.close();
  });

  it('takes a picture of a trace: later changes do not show', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    const metadata = { step: 1 };
    client.capture(aTrace({ metadata }));
    metadata.step = 2;
    await client.flush();
    assert.equal(JSON.parse(server.requests[0].text).traces[0].metadata.step, 1);
    await server.close();
  });

  it('takes anything: cycles, big integers, getters that throw, nothing at all', async () => {
    const server = await startServer(storeAll);
    const errors = [];
    const client = clientOf(server, { onError: (error) => errors.push(error) });
    const cycle = { n: 10n, big: 2n ** 70n, when: new Date(0), bad: NaN };
    cycle.self = cycle;
    Object.defineProperty(cycle, 'trap', { enumerable: true, get() { throw new Error('no'); } });
    client.capture(aTrace({ metadata: cycle }));
    for (const odd of [undefined, null, 'text', 7, new Proxy({}, { ownKeys() { throw new Error('no'); } })]) {
      assert.equal(typeof client.capture(odd), 'string');
    }
    await client.flush();
    assert.deepEqual(JSON.parse(server.requests[0].text).traces[0].metadata, {
      n: 10, big: String(2n ** 70n), when: '1970-01-01T00:00:00.000Z', bad: null, self: '[circular]', trap: '[unreadable]',
    });
    await server.close();
  });
});

describe('a trace in which everything holds everything', () => {
  it('is cut, and keeps what stands beside that', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    client.capture({ metadata: tangle(8), ...aTrace({ tags: ['last'] }) });
    client.capture({ metadata: { big: 1n, list: Array(60_000).fill('x'.repeat(1_000)) }, ...aTrace() });
    await client.flush(30_000);
    const [tangled, long] = server.requests.flatMap((seen) => JSON.parse(seen.text).traces);
    assert.ok(JSON.stringify(tangled).length < 2_000_000);
    assert.match(JSON.stringify(tangled.metadata), /"…"/);
    assert.deepEqual([tangled.user_query, tangled.ai_response, tangled.tags], ['q', 'a', ['last']]);
    assert.ok(JSON.stringify(long).length < 8_000_000);
    assert.equal(long.metadata.list.at(-1), '…');
    await server.close();
  });

  it('is cut where the same stands in very many places', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    let lists = ['end'];
    let dates = { toJSON: () => 'end' };
    for (let depth = 0; depth < 60; depth++) {
      lists = [lists, lists];
      const below = dates;
      dates = { toJSON: () => [below, below] };
    }
    for (const shared of [lists, dates, Array(1_000).fill('x'.repeat(1_000_000)), 2n ** 100_000n]) {
      client.capture({ metadata: { shared }, ...aTrace({ tags: ['last'] }) });
    }
    await client.flush(30_000);
    const traces = server.requests.flatMap((seen) => JSON.parse(seen.text).traces);
    assert.equal(traces.length, 4);
    for (const [index, trace] of traces.entries()) {
      assert.ok(JSON.stringify(trace).length < 9_000_000);
      assert.match(JSON.stringify(trace.metadata), index < 3 ? /…/ : /\d{30000}/);
      assert.deepEqual([trace.user_query, trace.tags], ['q', ['last']]);
    }
    await server.close();
  });

  it('is whole where the same stands in a few', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server);
    const shared = { name: 'x'.repeat(1_000), list: [1, 2] };
    client.capture(aTrace({ metadata: { all: Array(1_000).fill(shared) } }));
    await client.flush();
    assert.deepEqual(JSON.parse(server.requests[0].text).traces[0].metadata.all, Array(1_000).fill(shared));
    await server.close();
  });
});

describe('the queue and a server in trouble', () => {
  it('delivers everything once over a restart, resets, 503 and 429', async () => {
    const stored = new Map();
    let calls = 0;
    const server = await startServer((seen) => {
      calls++;
      if (calls % 10 === 3) {
        return { fault: 'reset' };
      }
      if (calls % 10 === 5) {
        return { status: 503, headers: { 'retry-after': '0' } };
      }
      if (calls % 10 === 7) {
        return { status: 429, headers: { 'retry-after': '0' } };
      }
      for (const trace of JSON.parse(seen.text).traces) {
        // Sent again with the same content is what a server recognises.
        const before = stored.get(trace.trace_id);
        assert.ok(before === undefined || before === JSON.stringify(trace));
        stored.set(trace.trace_id, JSON.stringify(trace));
      }
      return calls % 10 === 9 ? { fault: 'reset' } : storeAll(seen); // stored, but the answer is lost
    });
    const client = clientOf(server, { flushAt: 10 });
    for (let round = 0; round < 30; round++) {
      for (let index = 0; index < 10; index++) {
        client.capture(aTrace({ traceId: `r${round}-${index}` }));
      }
      if (round === 10) {
        await server.close();
        setTimeout(() => server.listenAgain(), 300);
      }
      await sleep(5);
    }
    assert.ok(await client.flush(30_000));
    assert.equal(stored.size, 300);
    assert.equal(client.stats.delivered, 300);
    assert.equal(client.stats.dropped, 0);
    await server.close();
  });

  for (const [status, name] of [[413, 'PayloadTooLargeError'], [400, 'BadRequestError']]) {
    it(`halves what is refused with ${status}, gives up the culprit and says so`, async () => {
      const server = await startServer((seen) => (seen.text.includes('culprit') ? { status, body: { message: 'No' } } : storeAll(seen)));
      const heard = [];
      const client = clientOf(server, { onError: (error, ids) => heard.push([error.name, ids]) });
      captureMany(client, 6);
      client.capture(aTrace({ traceId: 'culprit' }));
      await client.flush();
      assert.deepEqual(client.stats, { queued: 0, delivered: 6, dropped: 0, rejected: 1 });
      assert.deepEqual(heard, [[name, ['culprit']]]);
      await server.close();
    });
  }

  it('does not ask a server that takes nothing about each trace, and tries once more what is left', async () => {
    const nothing = await startServer(() => ({ status: 400, body: { message: 'No' } }));
    const refused = clientOf(nothing, { flushAt: 1_000, flushIntervalMs: 60_000 });
    captureMany(refused, 100);
    await refused.flush();
    assert.equal(nothing.requests.length, 25);
    assert.deepEqual(refused.stats, { queued: 0, delivered: 0, dropped: 0, rejected: 100 });
    await nothing.close();

    const server = await startServer((seen) => (seen.text.includes('culprit') ? { status: 400, body: { message: 'No' } } : storeAll(seen)));
    const client = clientOf(server, { flushAt: 1_000, flushIntervalMs: 60_000 });
    for (let i = 0; i < 25; i++) {
      client.capture(aTrace({ traceId: `culprit-${i}` }));
    }
    captureMany(client, 75);
    await client.flush();
    assert.deepEqual(client.stats, { queued: 0, delivered: 75, dropped: 0, rejected: 25 });
    await server.close();
  });

  it('says which traces the server refused', async () => {
    const server = await startServer(() => ({
      body: { success: true, message: 'Processed 1 of 2 traces', processed_count: 1, errors: ['traces[1].cost: must be at least 0 (trace_id: t-1)'], trace_ids: ['t-0'] },
    }));
    const heard = [];
    const client = clientOf(server, { onError: (error, ids) => heard.push([error.message, ids]) });
    captureMany(client, 2);
    await client.flush();
    assert.deepEqual(client.stats, { queued: 0, delivered: 1, dropped: 0, rejected: 1 });
    assert.match(heard[0][0], /cost: must be at least 0/);
    assert.deepEqual(heard[0][1], ['t-1']);
    await server.close();
  });

  it('has told what was refused when a flush resolves', async () => {
    const errors = ['traces[0].cost: no', 'traces[2].cost: no'];
    for (const end of ['flush', 'shutdown']) {
      const server = await startServer(() => ({ body: { processed_count: 1, errors, trace_ids: ['t-1'] } }));
      const heard = [];
      const flushes = [];
      const client = clientOf(server, {
        onError: (_, ids) => {
          heard.push([ids, client.stats]);
          flushes.push(client.flush());
          throw new Error('handler');
        },
      });
      captureMany(client, 3);
      assert.ok(await client[end]());
      assert.deepEqual(heard, [[['t-0', 't-2'], { queued: 0, delivered: 1, dropped: 0, rejected: 2 }]]);
      assert.deepEqual(await Promise.all(flushes), [true]);
      await server.close();
    }
  });

  it('gives up at once what no repetition helps', async () => {
    const server = await startServer(() => ({ status: 401, body: { message: 'A key is needed' } }));
    const heard = [];
    const client = clientOf(server, { onError: (error) => heard.push(error.name) });
    captureMany(client, 3);
    await client.flush();
    assert.equal(server.requests.length, 1);
    assert.deepEqual(heard, ['AuthenticationError']);
    assert.equal(client.stats.rejected, 3);
    await server.close();
  });

  it('drops the oldest when full, counts them and says so once', async () => {
    const server = await startServer(() => ({ fault: 'silence' }));
    const heard = [];
    const client = clientOf(server, { maxQueueSize: 100, flushAt: 1_000, onError: (error) => heard.push(error.message) });
    captureMany(client, 250);
    assert.deepEqual(client.stats, { queued: 100, delivered: 0, dropped: 150, rejected: 0 });
    assert.equal(heard.length, 1);
    assert.equal(await client.shutdown(50), false);
    assert.equal(client.stats.dropped, 250);
    assert.equal(client.stats.queued, 0);
    await server.close();
  });

  it('is bounded in bytes too', async () => {
    const client = new LLMEvalClient('http://127.0.0.1:9', { maxQueueBytes: 100_000, flushAt: 10_000, onError: () => {} });
    for (let index = 0; index < 100; index++) {
      client.capture(aTrace({ aiResponse: 'x'.repeat(10_000) }));
    }
    assert.ok(client.stats.queued < 10);
    assert.equal(client.stats.queued + client.stats.dropped, 100);
    await client.shutdown(0);
  });
});

describe('the queue and its host', () => {
  it('survives handlers that throw, and lets beforeSend change and drop', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, {
      onError: () => { throw new Error('handler'); },
      beforeSend: (trace) => {
        if (trace.user_query === 'boom') {
          throw new Error('before');
        }
        return trace.user_query === 'secret' ? null : { ...trace, user_query: 'redacted' };
      },
    });
    client.capture(aTrace({ userQuery: 'boom' }));
    client.capture(aTrace({ userQuery: 'secret' }));
    client.capture(aTrace({ userQuery: 'text' }));
    await client.flush();
    assert.deepEqual(JSON.parse(server.requests[0].text).traces.map((trace) => trace.user_query), ['redacted']);
    await server.close();
  });

  it('is silent when it is switched off, and samples', async () => {
    const off = new LLMEvalClient('http://127.0.0.1:9', { enabled: false });
    const none = new LLMEvalClient('http://127.0.0.1:9', { sampleRate: 0 });
    for (const client of [off, none]) {
      assert.match(client.capture(aTrace()), /-/);
      assert.equal(client.stats.queued, 0);
    }
  });

  it('reads switches from the environment as Python does', async (t) => {
    const { LLM_EVAL_DEBUG: debug = '', LLM_EVAL_ENABLED: enabled = '' } = process.env;
    t.after(() => Object.assign(process.env, { LLM_EVAL_DEBUG: debug, LLM_EVAL_ENABLED: enabled }));
    const server = await startServer(storeAll);
    const lines = t.mock.method(console, 'debug', () => {}).mock;
    const switched = { true: [1, 1], 1: [1, 1], yes: [1, 1], false: [0, 0], 0: [0, 0], No: [0, 0], ' OFF ': [0, 0], '': [0, 1] };
    for (const [text, [logged, queued]] of Object.entries(switched)) {
      lines.resetCalls();
      process.env.LLM_EVAL_DEBUG = process.env.LLM_EVAL_ENABLED = text;
      const client = clientOf(server);
      client.capture(aTrace());
      assert.equal(client.stats.queued, queued, `enabled: ${text}`);
      await client.sendTracesBatch([aTrace()]);
      assert.equal(lines.callCount() > 0, logged === 1, `debug: ${text}`);
      await client.flush();
    }
    await server.close();
  });

  it('adds metadata to every trace', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { defaultMetadata: { app: 'shop', version: 1 } });
    client.capture(aTrace({ metadata: { version: 2 } }));
    await client.flush();
    assert.deepEqual(JSON.parse(server.requests[0].text).traces[0].metadata, { app: 'shop', version: 2 });
    await server.close();
  });

  it('keeps unknown fields beside metadata of any kind', async () => {
    const server = await startServer(storeAll);
    const client = clientOf(server, { defaultMetadata: { app: 'shop', custom: 0 } });
    const metadata = { custom: 2, gone: undefined };
    client.capture(aTrace({ custom: 1, gone: 3, metadata }));
    client.capture(aTrace(JSON.parse('{"__proto__": {"polluted": 1}, "metadata": {"__proto__": 2}}')));
    await client.flush();
    const [{ text }] = server.requests;
    assert.deepEqual(JSON.parse(text).traces[0].metadata, { app: 'shop', custom: 2, custom_2: 1, gone: 3 });
    assert.match(text, /"__proto__":2,"__proto___2":\{"polluted":1\}/);
    assert.deepEqual(metadata, { custom: 2, gone: undefined });

    const odd = { toJSON: () => ({ region: 'eu' }) };
    await client.sendTracesBatch([aTrace({ custom: 1, metadata: odd })]);
    const [sent] = JSON.parse(server.requests[1].text).traces;
    assert.deepEqual([sent.metadata, sent.custom], [{ region: 'eu' }, 1]);
    await server.close();
  });

  it('keeps keys and texts out of what it logs', async () => {
    const lines = [];
    const server = await startServer((seen, index) => (index === 0 ? { status: 503, headers: { 'retry-after': '0' } } : storeAll(seen)));
    const client = clientOf(server, { apiKey: 'evk_secret', log: (line) => lines.push(line) });
    client.capture(aTrace({ userQuery: 'private question' }));
    await client.flush();
    const { inspect } = await import('node:util');
    assert.match(lines.join('\n'), /POST \/webhook\/batch 503 .*\n.*200/);
    assert.doesNotMatch(lines.join('\n') + inspect(client, { depth: 9, showHidden: true }), /evk_secret|private/);
    await server.close();
  });
});

describe('the end of a process', { concurrency: true }, () => {
  const capture = "import { LLMEvalClient } from 'llm-eval-sdk'; const client = new LLMEvalClient(OPTIONS); client.capture({ modelName: 'm', userQuery: 'q', aiResponse: 'a' });";

  it('waits for what is queued', async () => {
    const server = await startServer(storeAll);
    const { exitCode, output } = await runScript(server.url, capture.replace('OPTIONS', ''));
    assert.deepEqual([exitCode, output], [0, '']);
    assert.equal(sentIds(server).length, 1);
    await server.close();
  });

  it('does not wait for ever for a server that is away', async () => {
    const { exitCode, output, ms } = await runScript('http://127.0.0.1:9', capture.replace('OPTIONS', '{ exitTimeoutMs: 700 }'));
    assert.equal(exitCode, 0);
    assert.match(output, /Dropped since the last word: 1/);
    assert.ok(ms < 5_000, `${ms} ms`);
  });

  it('tells what it loses at the end, although it told of others just before', async () => {
    const options = '{ exitTimeoutMs: 300, maxQueueSize: 2, onError: (error, ids) => console.log(ids.length, error.message) }';
    const more = "client.capture({ userQuery: 'q' }); client.capture({ userQuery: 'q' });";
    const { exitCode, output } = await runScript('http://127.0.0.1:9', capture.replace('OPTIONS', options) + more);
    assert.equal(exitCode, 0);
    assert.match(output, /^1 The queue is full/);
    assert.match(output, /^2 The time was up/m);
  });

  it('does not wait for ever for a server that never answers', async () => {
    const server = await startServer(() => ({ fault: 'silence' }));
    const { exitCode, ms } = await runScript(server.url, capture.replace('OPTIONS', '{ exitTimeoutMs: 700 }'));
    assert.equal(exitCode, 0);
    assert.ok(ms < 5_000, `${ms} ms`);
    await server.close();
  });

  for (const [how, end, code] of [['exits', 'process.exit(3);', 3], ['crashes', "setTimeout(() => { throw new Error('boom'); }, 20);", 1]]) {
    it(`tells what is lost by a process that ${how}`, async () => {
      const server = await startServer(storeAll);
      const options = '{ onError: (error, ids) => console.log(ids.length, error.message) }';
      const { exitCode, output } = await runScript(server.url, capture.replace('OPTIONS', options) + end);
      assert.equal(exitCode, code);
      assert.match(output, /^1 The process ended before these traces were sent: await client.shutdown\(\) before process.exit\(\)/);
      await server.close();
    });
  }

  it('leaves no timer and no listener behind', async () => {
    const server = await startServer(storeAll);
    const { exitCode, output, ms } = await runScript(server.url, `const before = process.listenerCount('exit'); ${capture.replace('OPTIONS', '')}
      await client.shutdown();
      console.log(process.listenerCount('beforeExit') + process.listenerCount('exit') - before, process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);`);
    assert.deepEqual([exitCode, output], [0, '0 0\n']);
    assert.ok(ms < 5_000, `${ms} ms`);
    await server.close();
  });
});
