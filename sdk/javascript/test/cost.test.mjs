// What the SDK costs its host. The goals: capture below 20 µs at p99, which is told, and held against other work of the same moment,
// because a machine that runs other tests is slow with both; and 10,000 captures delivered within 5 s on one core, here together
// with the server that takes them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LLMEvalClient } from 'llm-eval-sdk';
import { startServer, storeAll } from './support.mjs';

const text = 'Machine learning is a subset of artificial intelligence. '.repeat(8);
const trace = () => ({
  modelName: 'gpt-4', userQuery: 'What is machine learning?', aiResponse: text, tokensUsed: 245, responseTimeMs: 850, cost: 0.0012,
  metadata: { temperature: 0.7, nested: { list: [1, 2, 3] } },
  functionsCalled: [{ name: 'search', parameters: { query: 'machine learning' }, result: 'Found 15 articles' }],
});

const rounds = 6;

/** How long it takes with each of many traces, in µs, sorted. */
function measure(act) {
  const times = new Float64Array(5_000);
  for (let index = 0; index < times.length; index++) {
    const one = trace();
    const started = performance.now();
    act(one);
    times[index] = (performance.now() - started) * 1_000;
  }
  return times.sort();
}

const at = (times, share) => times[Math.floor(times.length * share)];

/** Others use the machine too: the quietest of several rounds tells what the code costs. */
const quietest = (all, share) => Math.min(...all.map((times) => at(times, share)));

describe('the cost in the host', () => {
  for (const [state, options] of Object.entries({ 'with room': { maxQueueSize: 1e6, maxQueueBytes: 1e9 }, 'that is full': { maxQueueSize: 1_000 } })) {
    it(`capture takes about as long as copying and writing the trace would, on a queue ${state}`, async (test) => {
      const client = new LLMEvalClient('http://127.0.0.1:9', { flushAt: 1e9, flushIntervalMs: 1e9, onError: () => {}, ...options });
      const captures = [];
      const copies = [];
      let written = 0;
      for (let round = 0; round < rounds; round++) {
        captures.push(measure((one) => client.capture(one)));
        copies.push(measure((one) => { written += JSON.stringify(structuredClone(one)).length; }));
      }
      const [capture, copy] = [quietest(captures, 0.5), quietest(copies, 0.5)];
      test.diagnostic(`p99 ${quietest(captures, 0.99).toFixed(1)} µs; median ${capture.toFixed(1)} µs, of a copy ${copy.toFixed(1)} µs`);
      assert.ok(written > 0);
      assert.ok(capture < copy * 1.5, `${capture} µs, a copy takes ${copy} µs`);
      await client.shutdown(0);
    });
  }

  it('10,000 captures arrive within 5 s, and far before as many single posts', async (test) => {
    const server = await startServer((seen) => (seen.path === '/webhook/batch' ? storeAll(seen) : { body: { success: true } }));
    const client = new LLMEvalClient(server.url);
    let started = performance.now();
    for (let index = 0; index < 10_000; index++) {
      client.capture(trace());
    }
    assert.ok(await client.flush(30_000));
    const queued = (performance.now() - started) / 1_000;
    started = performance.now();
    for (let index = 0; index < 1_000; index++) {
      await client.sendTrace(trace());
    }
    const single = (performance.now() - started) / 100;
    test.diagnostic(`10,000 captures: ${queued.toFixed(2)} s; single posts: ${single.toFixed(2)} s`);
    assert.equal(client.stats.delivered, 10_000);
    assert.ok(queued < 5, `${queued} s`);
    assert.ok(queued < single / 2, `${queued} s against ${single} s`);
    await server.close();
  });
});
