// The real React 19. In a browser the hooks are tested by the React example (sdk/examples) and by the guide's block (sdk/guide).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { LLMEvalStreamClient } from 'llm-eval-sdk';
import { applyTraceEvent, useLiveMetrics, useTraceStream } from 'llm-eval-sdk/react';
import { startServer, until } from './support.mjs';

const event = (name, data) => ({ event: name, data, timestamp: 'now' });
const trace = (id, more) => ({ trace_id: id, version: 1, ...more });
const update = (action, id, more) => event('trace_updates', { action, trace_id: id, summary: trace(id, more) });

/** As much of a page as React needs for components that show nothing. */
function emptyElement() {
  const listens = { addEventListener() {}, removeEventListener() {} };
  const document = { ...listens, nodeType: 9, activeElement: null };
  globalThis.window = document.defaultView = { ...listens, document, HTMLIFrameElement: class {} };
  return { ...listens, nodeType: 1, nodeName: 'DIV', tagName: 'DIV', namespaceURI: 'http://www.w3.org/1999/xhtml', ownerDocument: document };
}

describe('the hooks', () => {
  it('share a client, and each hears of its own stream, whichever goes first', async () => {
    const { createRoot } = await import('react-dom/client');
    const open = [];
    const server = await startServer(({ path }, _, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 60000\n\ndata: {"event":"connected","data":{},"timestamp":"now"}\n\n');
      open.push({ path, response });
    });
    const heard = [];
    const hear = (error) => heard.push(error.kind);
    const client = new LLMEvalStreamClient(server.url, { onError: hear });
    const shown = {};
    const mount = (name, use) => {
      const root = createRoot(emptyElement());
      const Page = () => { shown[name] = use({ client }); return null; };
      root.render(createElement(Page));
      return () => root.unmount();
    };
    const breakOff = (path) => open.find((one) => one.path === path).response.destroy();
    const unmountFirst = mount('metrics', useLiveMetrics);
    const unmountSecond = mount('traces', useTraceStream);
    await until(() => shown.metrics?.connected && shown.traces?.connected);

    breakOff('/stream/metrics');
    await until(() => shown.metrics.error?.kind === 'connection');
    assert.equal(shown.traces.error, null);

    unmountFirst();
    breakOff('/stream/traces');
    await until(() => shown.traces.error?.kind === 'connection');
    unmountSecond();
    assert.deepEqual(heard, ['connection', 'connection']);
    assert.equal(client.onError, hear);
    await server.close();
  });

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
