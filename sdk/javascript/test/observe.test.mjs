import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LLMEvalClient, TraceLogger, currentTrace, observe, withSpan } from 'llm-eval-sdk';
import { recorder, runScript, startServer, storeAll } from './support.mjs';

let log;
beforeEach(() => {
  log = recorder();
});

describe('observe', () => {
  it('logs a function and gives its result', () => {
    const add = observe(function add(a, b) { return a + b; }, { client: log, kind: 'tool' });
    assert.equal(add(1, 2), 3);
    assert.equal(add.name, 'add');
    const [trace] = log.traces;
    assert.deepEqual([trace.modelName, trace.userQuery, trace.aiResponse, trace.metadata.kind], ['add', '[1,2]', '3', 'tool']);
  });

  it('logs a promise when it is settled', async () => {
    const answer = observe(async (question) => { await sleep(20); return `Answer to ${question}`; }, { name: 'answer', modelName: 'gpt-4', client: log });
    const promise = answer('q');
    assert.equal(log.traces.length, 0);
    assert.equal(await promise, 'Answer to q');
    const [trace] = log.traces;
    assert.deepEqual([trace.modelName, trace.userQuery, trace.aiResponse, trace.metadata.name], ['gpt-4', 'q', 'Answer to q', 'answer']);
    assert.ok(trace.responseTimeMs >= 19);
  });

  it('hands on errors, and logs them', async () => {
    const mine = new TypeError('mine');
    const fail = observe(() => { throw mine; }, { client: log });
    const failLater = observe(async () => { throw mine; }, { client: log });
    assert.throws(fail, (error) => error === mine);
    await assert.rejects(failLater(), (error) => error === mine);
    assert.deepEqual(log.traces.map((trace) => trace.error), [{ type: 'TypeError', message: 'mine' }, { type: 'TypeError', message: 'mine' }]);
  });

  it('leaves a failure that nobody handles unhandled', async () => {
    const { output } = await runScript('http://127.0.0.1:9', `
      import { observe } from 'llm-eval-sdk';
      const heard = [];
      process.on('unhandledRejection', (error) => heard.push(error.message));
      process.on('exit', () => console.log(heard.join(), traces.length));
      const traces = [];
      observe(async () => { throw new Error('mine'); }, { client: { capture: (trace) => traces.push(trace) } })();
    `);
    assert.equal(output, 'mine 1\n');
  });

  it('keeps what a promise was furnished with', async () => {
    const given = observe(() => Object.assign(Promise.resolve(7), { cancel: () => 'cancelled' }), { client: log })();
    assert.equal(given.cancel(), 'cancelled');
    assert.equal(await given, 7);
    assert.equal(log.traces[0].aiResponse, '7');
  });

  describe('a query that runs when it is awaited', () => {
    class Query {
      runs = 0;
      #answer = ['row'];
      where() {
        return this;
      }
      then(onValue, onError) {
        this.runs++;
        return (this.fails ? Promise.reject(this.fails) : Promise.resolve(this.#answer)).then(onValue, onError);
      }
    }

    it('comes back as it is, and runs as often as it is awaited', async () => {
      const query = new Query();
      const given = observe(() => query, { client: log })();
      assert.equal(given, query);
      await sleep(1);
      assert.deepEqual([query.runs, log.traces.length], [0, 0]);
      assert.deepEqual(await given.where(), ['row']);
      assert.deepEqual([query.runs, log.traces.length, log.traces[0].aiResponse], [1, 1, '["row"]']);
      assert.ok(!Object.hasOwn(query, 'then'));
      await given;
      assert.deepEqual([query.runs, log.traces.length], [2, 1]);
    });

    it('is logged with its failure, which is handed on', async () => {
      const mine = new TypeError('mine');
      const given = observe(() => Object.assign(new Query(), { fails: mine }), { client: log })();
      await assert.rejects(async () => { await given; }, (error) => error === mine);
      assert.deepEqual(log.traces.map((trace) => trace.error), [{ type: 'TypeError', message: 'mine' }]);
    });

    it('is logged once for each call that gave it', async () => {
      const query = new Query();
      const ask = observe(() => query, { client: log });
      ask();
      await ask();
      assert.deepEqual([query.runs, log.traces.length, Object.hasOwn(query, 'then')], [1, 2, false]);
    });

    it('may be a promise of another kind, which begins in its then', async () => {
      class Lazy extends Promise {
        static begun = 0;
        then(onValue, onError) {
          Lazy.begun++;
          return Promise.resolve(1).then(onValue, onError);
        }
      }
      const given = observe(() => new Lazy(() => {}), { client: log })();
      await sleep(1);
      assert.ok(given instanceof Lazy);
      assert.equal(Lazy.begun, 0);
      assert.equal(await given, 1);
      assert.deepEqual([Lazy.begun, log.traces.length], [1, 1]);
    });

    it('that cannot be changed is logged without what it gives', async () => {
      const query = Object.freeze({ then: (onValue) => onValue('row') });
      assert.equal(await observe(() => query, { client: log })(), 'row');
      assert.deepEqual([log.traces.length, log.traces[0].aiResponse], [1, '']);
    });
  });

  it('keeps how many arguments a function takes, and its own properties', () => {
    const handler = Object.assign((error, request, response, next) => next, { displayName: 'mine', [Symbol.for('kept')]: 1 });
    const observed = observe(handler, { client: log });
    assert.deepEqual([observed.length, observed.name, observed.displayName, observed[Symbol.for('kept')]], [4, handler.name, 'mine', 1]);
  });

  it('watches what a class makes', () => {
    const Search = observe(class Search { constructor(index) { this.index = index; } find() { return this.index; } }, { client: log });
    class Wide extends Search {}
    const [one, wide] = [new Search('a'), new Wide('b')];
    assert.deepEqual([one.find(), one instanceof Search, wide.find(), wide instanceof Wide], ['a', true, 'b', true]);
    assert.deepEqual(log.traces.map((trace) => [trace.modelName, trace.userQuery, trace.aiResponse]), [['Search', 'a', '{"index":"a"}'], ['Search', 'b', '{"index":"b"}']]);
  });

  it('watches generators of both kinds, to their end or to where they are left', async () => {
    const words = observe(function* () { const got = yield 'a'; yield got; return 'end'; }, { client: log });
    const source = words();
    assert.deepEqual([source.next(), source.next('b'), source.next()], [{ value: 'a', done: false }, { value: 'b', done: false }, { value: 'end', done: true }]);
    const later = observe(async function* () { try { yield 'x'; yield 'y'; } finally { closed = true; } }, { client: log });
    let closed = false;
    for await (const item of later()) {
      assert.equal(item, 'x');
      break;
    }
    assert.ok(closed);
    assert.deepEqual(log.traces.map((trace) => trace.aiResponse), ['ab', 'x']);
  });

  it('knows which call is inside of which', async () => {
    const inner = observe(async () => { await sleep(5); return currentTrace().traceId; }, { name: 'inner', client: log });
    const outer = observe(async () => {
      currentTrace().metadata.step = 1;
      const ids = await Promise.all([inner(), inner()]);
      return withSpan('leaf', () => ids, { client: log });
    }, { name: 'outer', client: log });
    await Promise.all([outer(), outer()]);
    const outers = log.traces.filter((trace) => trace.metadata.name === 'outer');
    const others = log.traces.filter((trace) => trace.metadata.name !== 'outer');
    assert.equal(others.length, 6);
    for (const one of outers) {
      assert.equal(one.parentId, undefined);
      assert.equal(one.metadata.step, 1);
      assert.equal(others.filter((trace) => trace.parentId === one.traceId).length, 3);
    }
    assert.equal(currentTrace(), undefined);
  });

  it('gives its id to what is captured inside', async () => {
    const server = await startServer(storeAll);
    const client = new LLMEvalClient(server.url);
    await observe(async () => client.capture({ modelName: 'm', userQuery: 'q', aiResponse: 'a' }), { client })();
    await client.flush();
    const [inside, outside] = JSON.parse(server.requests[0].text).traces;
    assert.equal(inside.parent_id, outside.trace_id);
    await server.close();
  });

  it('keeps little of what a generator without an end gives', () => {
    let asked = 0;
    const piece = () => ({ toJSON: () => (asked++, 'x') });
    for (const large of [() => 'x'.repeat(100_000), () => new Uint8Array(100_000)]) {
      const many = observe(function* () { for (let i = 0; i < 100; i++) { yield i < 3 ? large() : piece(); } }, { client: log });
      assert.equal([...many()].length, 100);
    }
    assert.equal(asked, 0);
  });

  it('is only for functions', () => {
    for (const [given, named] of [['search', 'string'], [undefined, 'undefined'], [null, 'null'], [{}, 'object']]) {
      assert.throws(() => observe(given, { client: log }), { name: 'TypeError', message: `observe takes a function, not ${named}; a name is given as observe(fn, { name }).` });
    }
  });

  it('tells once of an environment of which no client can be made', async () => {
    const { exitCode, output } = await runScript('localhost:8000', `
      import { observe } from 'llm-eval-sdk';
      const answer = observe((question) => question.toUpperCase());
      console.log(answer('a'), answer('b'));`);
    assert.equal(exitCode, 0);
    assert.match(output, /A B/);
    assert.equal(output.match(/nothing is captured .*: baseUrl must be an address/g)?.length, 1);
  });

  it('keeps input and output to itself when asked', () => {
    observe((secret) => secret, { client: log, captureInput: false, captureOutput: false })('secret');
    assert.doesNotMatch(JSON.stringify(log.traces), /secret/);
  });

  it('never hurts what it watches', () => {
    const odd = { toJSON() { throw new Error('no'); } };
    assert.equal(observe((x) => x, { client: { capture() { throw new Error('no'); } } })(odd), odd);
    const cut = observe(() => 'x'.repeat(2_000_000), { client: log });
    assert.equal(cut().length, 2_000_000);
    assert.ok(log.traces[0].aiResponse.length < 260_000);
  });
});

describe('TraceLogger', () => {
  it('measures from start, and keeps what was added', async () => {
    const logger = new TraceLogger(log, 'gpt-4', { sessionId: 's' }).start().addMetadata({ a: 1, b: 1 }).addFunctionCall({ name: 'f', result: 2 });
    await sleep(30);
    const id = await logger.logTrace('q', 'a', { tokensUsed: 5, metadata: { b: 2 } });
    const [trace] = log.traces;
    assert.equal(trace.traceId, id);
    assert.ok(trace.responseTimeMs >= 29 && trace.responseTimeMs < 5_000);
    assert.deepEqual(trace.metadata, { a: 1, b: 2 });
    assert.deepEqual(trace.functionsCalled, [{ name: 'f', result: 2 }]);
    assert.deepEqual([trace.tokensUsed, trace.sessionId], [5, 's']);
  });

  it('takes the time that it is given, and another id for another trace', async () => {
    const logger = new TraceLogger(log, 'gpt-4', 'mine');
    await logger.logTrace('q', 'a', { responseTimeMs: 7 });
    await logger.logTrace('q', 'a');
    assert.equal(log.traces[0].traceId, 'mine');
    assert.equal(log.traces[0].responseTimeMs, 7);
    assert.notEqual(log.traces[1].traceId, 'mine');
  });

  it('bears null where there is nothing to add', async () => {
    const logger = new TraceLogger(log, 'gpt-4');
    await logger.logTrace('q', 'a', null);
    await logger.logError(new Error('no'), 'q', null);
    assert.deepEqual(log.traces.map((trace) => trace.aiResponse), ['a', '']);
  });

  it('logs an error', async () => {
    await new TraceLogger(log, 'gpt-4').logError(new Error('no'), 'q');
    assert.deepEqual(log.traces[0].error, { type: 'Error', message: 'no' });
  });
});
