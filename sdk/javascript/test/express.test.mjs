// The real Express 5.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import express from 'express';
import { expressMiddleware } from 'llm-eval-sdk';
import { recorder } from './support.mjs';

describe('expressMiddleware', () => {
  let log;
  let server;
  let url;
  before(async () => {
    const app = express();
    app.use(express.json());
    app.use((request, _, next) => { request.user = request.headers['x-user'] ? { id: Number(request.headers['x-user']) } : undefined; next(); });
    app.use(expressMiddleware({ capture: (trace) => log.capture(trace) }));
    app.post('/json', (_, response) => response.status(201).json({ llm_response: 'an answer' }));
    app.post('/send', (_, response) => response.send({ llm_response: 'an answer' }));
    app.get('/bare', (_, response) => response.send({ llm_response: 'an answer' }));
    app.get('/text', (_, response) => response.send('no object'));
    app.get('/null', (_, response) => response.json(null));
    server = app.listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    url = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    log = recorder();
  });

  const post = (path, body, headers) => fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

  for (const path of ['/json', '/send']) {
    it(`logs ${path} once, and answers unchanged`, async () => {
      const answer = await post(path, { query: 'q?', model: 'gpt-4', track_llm: true }, { 'x-user': '7' });
      assert.deepEqual(await answer.json(), { llm_response: 'an answer' });
      assert.equal(log.traces.length, 1);
      const [trace] = log.traces;
      assert.deepEqual([trace.modelName, trace.userQuery, trace.aiResponse, trace.userId], ['gpt-4', 'q?', 'an answer', '7']);
      assert.deepEqual(trace.metadata, { endpoint: path, method: 'POST', status: path === '/json' ? 201 : 200 });
      assert.ok(trace.responseTimeMs >= 0);
    });
  }

  it('passes requests without a body, texts and nulls', async () => {
    assert.equal((await fetch(`${url}/bare`)).status, 200);
    assert.equal(log.traces.length, 1);
    assert.equal((await fetch(`${url}/text`)).status, 200);
    assert.equal((await fetch(`${url}/null`)).status, 200);
    assert.equal(log.traces.length, 1);
  });

  it('logs nothing that the caller does not want', async () => {
    await post('/json', { query: 'q', track_llm: false });
    assert.equal(log.traces.length, 0);
  });

  it('takes what extract makes of it, and survives when that throws', async () => {
    const app = express();
    app.use(expressMiddleware({ capture: (trace) => log.capture(trace) }, {
      extract: (request, answer) => {
        if (request.query.boom) {
          throw new Error('extract');
        }
        return { modelName: 'own', userQuery: String(request.query.q), aiResponse: answer.text };
      },
    }));
    app.get('/', (_, response) => response.json({ text: 'fine' }));
    const other = app.listen(0, '127.0.0.1');
    await new Promise((ready) => other.once('listening', ready));
    const at = `http://127.0.0.1:${other.address().port}`;
    assert.equal((await fetch(`${at}/?q=hello`)).status, 200);
    assert.equal((await fetch(`${at}/?boom=1`)).status, 200);
    other.close();
    assert.deepEqual(log.traces.map((trace) => [trace.modelName, trace.userQuery]), [['own', 'hello']]);
  });
});
