// The real React 19. In a browser the hooks are tested by the React example (sdk/examples) and by the guide's block (sdk/guide).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { applyTraceEvent, useLiveMetrics, useTraceStream } from 'llm-eval-sdk/react';
import { startServer } from './support.mjs';

const event = (name, data) => ({ event: name, data, timestamp: 'now' });
const trace = (id, more) => ({ trace_id: id, version: 1, ...more });
const update = (action, id, more) => event('trace_updates', { action, trace_id: id, summary: trace(id, more) });

describe('the hooks', () => {
  it('render on a server without connecting', async () => {
    const server = await startServer(() => ({}));
    const Page = () => {
      const { metrics, connected } = useLiveMetrics({ baseUrl: server.url });
      const { traces, error } = useTraceStream({ baseUrl: server.url });
      return createElement('p', null, JSON.stringify([metrics, connected, traces, error]));
    };
    assert.match(renderToString(createElement(Page)), /\[null,false,\[\],null\]/);
    await server.close();
    assert.equal(server.requests.length, 0);
  });
});

describe('a list of traces after an event', () => {
  const list = [trace('b'), trace('a')];
  const ids = (traces) => traces.map((one) => one.trace_id).join('');

  it('is the list that the stream begins with', () => assert.equal(ids(applyTraceEvent(list, event('initial_traces', [trace('z')]), 5)), 'z'));

  it('has a new trace on top, and no more than its limit', () => {
    assert.equal(ids(applyTraceEvent(list, update('new_trace', 'c'), 5)), 'cba');
    assert.equal(ids(applyTraceEvent(list, update('new_trace', 'c'), 2)), 'cb');
  });

  it('has a trace once that came twice', () => assert.equal(ids(applyTraceEvent(list, update('new_trace', 'a'), 5)), 'ba'));

  it('has a changed trace in its place, and none that it did not show', () => {
    assert.deepEqual(applyTraceEvent(list, update('updated_trace', 'a', { version: 2 }), 5), [trace('b'), trace('a', { version: 2 })]);
    assert.equal(applyTraceEvent(list, update('updated_trace', 'x'), 5), list);
  });

  it('has a deleted trace no more', () => assert.equal(ids(applyTraceEvent(list, event('trace_updates', { action: 'deleted_trace', trace_id: 'b' }), 5)), 'a'));

  it('is the same after anything else', () => assert.equal(applyTraceEvent(list, event('connected', {}), 5), list));
});
