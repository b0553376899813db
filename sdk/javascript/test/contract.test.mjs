// The cases of sdk/contract, which the Python SDK and the server's tests run too.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as sdk from 'llm-eval-sdk';
import { prices } from './node_modules/llm-eval-sdk/dist/esm/prices.js';
import { SseParser } from './node_modules/llm-eval-sdk/dist/esm/sse.js';
import { contract, startServer, storeAll } from './support.mjs';

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const camelKeys = (object) => Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value]));
const writings = { 'as it is': (trace) => trace, 'in camel case': camelKeys };

function clientFor(url, { api_key: apiKey, webhook_secret: webhookSecret, max_retries: maxRetries, timeout } = {}, more = {}) {
  return new sdk.LLMEvalClient(url, {
    ...(apiKey && { apiKey }),
    ...(webhookSecret && { webhookSecret }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    ...more,
  });
}

const calls = {
  send_trace: (client, input, write) => client.sendTrace(write(input)),
  send_traces_batch: (client, { traces, source, batch_id }, write) => client.sendTracesBatch(traces.map(write), source, batch_id),
  capture: async (client, input, write) => {
    client.capture(write(input));
    assert.ok(await client.flush());
  },
  evaluate_trace: (client, input) => client.evaluateTrace(camelKeys(input)),
  get_trace: (client, { trace_id }) => client.getTrace(trace_id),
  get_traces: (client, input, write) => client.getTraces(write(input)),
  get_stats: (client) => client.getStats(),
  health_check: (client) => client.healthCheck(),
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Compares with what the case expects, in which some texts stand for others. */
function assertSame(actual, expected, at = 'body') {
  if (expected === '$uuid') {
    assert.match(actual, uuid, at);
  } else if (expected === '$time') {
    assert.match(actual, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, at);
  } else if (expected === '$source') {
    assert.equal(actual, 'javascript_sdk', at);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.deepEqual(Object.keys(actual ?? {}).sort(), Object.keys(expected).sort(), at);
    for (const key of Object.keys(expected)) {
      assertSame(actual[key], expected[key], `${at}.${key}`);
    }
  } else {
    assert.equal(actual, expected, at);
  }
}

function assertHas(actual, expected) {
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual(actual[key], value, key);
  }
}

describe('contract: requests', () => {
  for (const { name, call, client: options, input, request } of contract('requests').cases) {
    for (const [writing, write] of Object.entries(writings)) {
      it(`${name} (${writing})`, async () => {
        const server = await startServer((seen) => (seen.path === '/webhook/batch' ? storeAll(seen) : { body: { items: [] } }));
        await calls[call](clientFor(server.url, options), input, write);
        await server.close();

        assert.equal(server.requests.length, 1);
        const [seen] = server.requests;
        assert.equal(seen.method, request.method);
        assert.equal(seen.path, request.path);
        assert.deepEqual(Object.fromEntries(seen.query), request.query ?? {});
        for (const [header, value] of Object.entries(request.headers ?? {})) {
          assert.equal(seen.headers[header], value ?? undefined, header);
        }
        if (request.body) {
          assertSame(JSON.parse(seen.text), request.body);
        }
      });
    }
  }
});

describe('contract: failures', { concurrency: 8 }, () => {
  const { trace, stored, cases } = contract('failures');
  const resolve = (value) => ({ $trace: trace, $stored: stored })[value] ?? value;
  for (const { name, call, client: options, input, answers, expect } of cases) {
    it(name, async () => {
      const server = await startServer((_, index) => {
        assert.ok(index < answers.length, 'one request too many');
        return { ...answers[index], body: resolve(answers[index].body) };
      });
      const started = performance.now();
      const [outcome] = await Promise.allSettled([calls[call](clientFor(server.url, options), resolve(input), (x) => x)]);
      const seconds = (performance.now() - started) / 1000;
      await server.close();

      assert.equal(server.requests.length, answers.length);
      assert.equal(new Set(server.requests.map((seen) => seen.text)).size, 1, 'every attempt says the same');
      assert.ok(seconds >= (expect.at_least_seconds ?? 0), `only ${seconds} s`);
      if (expect.raises) {
        assert.equal(outcome.status, 'rejected');
        const error = outcome.reason;
        assert.ok(error instanceof sdk[expect.raises] && error.name === expect.raises, `${error.name}: ${error.message}`);
        assertHas({ status: error.status, message: error.message, errors: error.errors, retry_after: error.retryAfter }, Object.fromEntries(
          Object.entries(expect).filter(([key]) => !['raises', 'at_least_seconds'].includes(key))));
      } else {
        assert.equal(outcome.status, 'fulfilled', outcome.reason?.message);
        assertHas(outcome.value, resolve(expect.returns));
      }
    });
  }
});

describe('one call, several tries', () => {
  const again = { status: 503, headers: { 'retry-after': '0' } };

  it('signs every try under the same id: it is the same message', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const server = await startServer((_, index) => (index === 0 ? again : { body: { success: true, trace_id: 't' } }));
    const client = new sdk.LLMEvalClient(server.url, { webhookSecret: secret });
    await client.sendTrace({ traceId: 't', modelName: 'm', userQuery: 'q', aiResponse: 'a' });
    await server.close();

    const ids = server.requests.map(({ headers }) => headers['webhook-id']);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 1);
    await Promise.all(server.requests.map(({ raw, headers }) => sdk.verifyWebhook(raw, headers, secret)));
  });

  it('does not repeat a verdict when nobody knows what became of it', async () => {
    const server = await startServer(() => ({ ...again, body: { message: 'It may be stored or not.', outcome: 'unknown' } }));
    const client = new sdk.LLMEvalClient(server.url);
    await assert.rejects(client.evaluateTrace({ traceId: 't', status: 'accepted' }), { status: 503 });
    await server.close();

    assert.equal(server.requests.length, 1);
  });
});

describe('reading traces', () => {
  const startStore = (count) => startServer(({ query }) => {
    const [limit, cursor] = [query.get('limit'), query.get('cursor')].map(Number);
    // Pages may be short although more follow.
    const end = Math.min(count, cursor + Math.min(limit, cursor === 0 ? limit - 1 : limit));
    const items = Array.from({ length: end - cursor }, (_, index) => ({ trace_id: `t-${cursor + index}` }));
    return { body: { items, next_cursor: end < count ? String(end) : null } };
  });
  const asked = (server) => server.requests.map(({ query }) => [query.get('limit'), query.get('cursor'), query.get('status')]);

  it('goes through as many pages as the limit takes', async () => {
    const server = await startStore(5_000);
    const traces = await new sdk.LLMEvalClient(server.url).getTraces(2_500, 'pending');
    assert.deepEqual(traces.map((trace) => trace.trace_id), Array.from({ length: 2_500 }, (_, index) => `t-${index}`));
    assert.deepEqual(asked(server), [['1000', null, 'pending'], ['1000', '999', 'pending'], ['501', '1999', 'pending']]);
    await server.close();
  });

  it('ends where there are no more, and asks for fifty where nothing is said', async () => {
    const server = await startStore(60);
    assert.equal((await new sdk.LLMEvalClient(server.url).getTraces({ limit: 1_000 })).length, 60);
    assert.equal((await new sdk.LLMEvalClient(server.url).getTraces()).length, 50);
    assert.deepEqual(asked(server).map(([limit, cursor]) => [limit, cursor]), [['1000', null], ['50', null], ['1', '49']]);
    await server.close();
  });
});

describe('an address that holds a password', () => {
  for (const address of ['http://user:secret@host', 'https://user:secret@host:1/path', ' http://secret@host', 'user:secret@host:8000', 'http:\\\\u:secret@host', '//u:secret@host']) {
    it(`is refused, and not repeated: ${address.replace('secret', '…')}`, () => {
      for (const kind of [sdk.LLMEvalClient, sdk.LLMEvalStreamClient]) {
        assert.throws(() => new kind(address), (error) => error instanceof sdk.LLMEvalError && /apiKey/.test(error.message) && !/secret|host/.test(error.message));
      }
    });
  }

  it('is not one with an @ in its path', () => {
    for (const address of ['http://host/@team', 'http://host?a=b@c', '/@api', '']) {
      assert.ok(new sdk.LLMEvalClient(address));
    }
  });
});

describe('a setting that nothing could work with', () => {
  for (const [options, named] of [
    [{ baseUrl: 'localhost:8000' }, /^baseUrl must be an address with http/], [{ baseUrl: 'ftp://host' }, /^baseUrl/],
    [{ apiKey: 'a\nsecret' }, /^apiKey must be text/], [{ apiKey: 'ключ secret' }, /^apiKey/], [{ headers: { 'x-team': 'a\r\nsecret' } }, /^headers\["x-team"\]/],
    [{ headers: { 'x team': 'a' } }, /^headers/], [{ timeoutMs: 0 }, /^timeoutMs must be a number above 0/], [{ timeoutMs: 'a' }, /^timeoutMs/],
    [{ maxRetries: -1 }, /^maxRetries must be a number and not negative; this is -1/], [{ flushAt: '5' }, /^flushAt .* this is string/],
    [{ flushIntervalMs: NaN }, /^flushIntervalMs/], [{ maxQueueSize: NaN }, /^maxQueueSize/], [{ sampleRate: 'all' }, /^sampleRate/],
    [{ beforeSend: 'redact' }, /^beforeSend must be a function; this is string/], [{ onError: 5 }, /^onError/],
  ]) {
    it(`is told at once: ${JSON.stringify(options)}`, () => {
      assert.throws(() => new sdk.LLMEvalClient('http://localhost:8000', options), (error) => error instanceof sdk.LLMEvalError && named.test(error.message) && !/secret/.test(error.message));
    });
  }

  it('is not a key with the line break of its file', async () => {
    const server = await startServer(() => ({ body: {} }));
    await new sdk.LLMEvalClient(server.url, 'llme_1\n').getStats();
    assert.equal(server.requests[0].headers.authorization, 'Bearer llme_1');
    await server.close();
  });

  it('may be a secret that cannot sign, which is told as that', async () => {
    const client = new sdk.LLMEvalClient('http://localhost:9', { webhookSecret: 'whsec_%' });
    await assert.rejects(client.sendTrace({ modelName: 'm', userQuery: 'q', aiResponse: 'a' }), sdk.WebhookVerificationError);
  });
});

describe('a wait without end', () => {
  it('is none of a millisecond', async () => {
    const server = await startServer(async (seen) => {
      await new Promise((done) => { setTimeout(done, 50); });
      return storeAll(seen);
    });
    const client = new sdk.LLMEvalClient(server.url, { timeoutMs: Infinity, flushIntervalMs: Infinity, maxRetries: 0 });
    client.capture({ modelName: 'm', userQuery: 'q', aiResponse: 'a' });
    assert.equal(await client.flush(Infinity), true);
    client.capture({ modelName: 'm', userQuery: 'q', aiResponse: 'a' });
    assert.equal(await client.shutdown(3e9), true);
    assert.equal(client.stats.delivered, 2);
    await server.close();
  });
});

describe('reading', () => {
  it('of pages ends by its signal', async () => {
    const server = await startServer(() => ({ fault: 'silence' }));
    const client = new sdk.LLMEvalClient(server.url);
    const signal = AbortSignal.timeout(50);
    await assert.rejects(client.getTraces(10, 'pending', { signal }), /cancelled/);
    await assert.rejects(client.iterTraces({}, { signal }).next(), /cancelled/);
    await server.close();
  });
});

describe('contract: batches', () => {
  for (const { name, count, answers, requests, returns, raises, client: options } of contract('batches').cases) {
    it(name, async () => {
      const server = await startServer((seen, index) => (answers[index] === 'all' ? storeAll(seen) : answers[index]));
      const traces = Array.from({ length: count }, (_, index) => ({ trace_id: `t-${index}`, model_name: 'gpt-4', user_query: 'q', ai_response: 'a' }));
      const [outcome] = await Promise.allSettled([clientFor(server.url, options).sendTracesBatch(traces, 'test')]);
      await server.close();

      assert.deepEqual(
        server.requests.map((seen) => JSON.parse(seen.text).traces.map((trace) => trace.trace_id)),
        requests.map(({ first, count: size }) => Array.from({ length: size }, (_, index) => `t-${first + index}`)));
      if (raises) {
        assert.equal(outcome.reason?.name, raises);
      } else {
        assert.equal(outcome.status, 'fulfilled', outcome.reason?.message);
        assertHas(outcome.value, returns);
      }
    });
  }
});

describe('contract: streams', () => {
  for (const { name, pieces, events, bad = 0, last_event_id: lastEventId, retry } of contract('streams').cases) {
    it(name, () => {
      const got = [];
      let broken = 0;
      const parser = new SseParser((data) => {
        try {
          got.push(JSON.parse(data));
        } catch {
          broken++;
        }
      });
      for (const piece of pieces) {
        parser.push(piece.hex === undefined ? Buffer.from(piece) : Buffer.from(piece.hex, 'hex'));
      }
      assert.deepEqual(got, events);
      assert.equal(broken, bad);
      assert.equal(parser.lastEventId, lastEventId);
      assert.equal(parser.retry, retry);
    });
  }
});

describe('contract: signatures', () => {
  const { sign, verify } = contract('signatures');
  for (const { name, secret, id, timestamp, body, webhook_signature: standard, x_signature_256: plain } of sign) {
    it(`signs: ${name}`, async () => {
      const headers = await sdk.signWebhook(body, secret, { id, timestamp, scheme: standard ? 'standard' : 'plain' });
      assert.equal(headers['webhook-signature'], standard);
      assert.equal(headers['x-signature-256'], plain);
      await sdk.verifyWebhook(Buffer.from(body), headers, secret, timestamp);
    });
  }
  for (const { name, headers, valid, now = verify.now, body = verify.body, secret = verify.secret } of verify.cases) {
    it(`verifies: ${name}`, async () => {
      const verdict = sdk.verifyWebhook(body, headers, secret, now);
      await (valid ? verdict : assert.rejects(verdict, sdk.WebhookVerificationError));
    });
  }
});

describe('contract: costs', () => {
  for (const { name, usage, model, cost } of contract('costs').cases) {
    it(name, () => {
      const actual = sdk.calculateCost(usage, model);
      if (cost === null) {
        assert.equal(actual, null);
      } else {
        assert.ok(Math.abs(actual - cost) <= 1e-12, `${actual}`);
      }
    });
  }

  it('has the prices of the contract', () => assert.deepEqual(prices, contract('prices').models));
});
