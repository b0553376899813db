import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';

export const contract = (name) => JSON.parse(readFileSync(new URL(`../../contract/${name}.json`, import.meta.url), 'utf8'));

/** Waits for what happens soon. */
export async function until(condition, message = 'it did not happen') {
  for (const end = Date.now() + 10_000; ;) {
    const value = await condition();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, message);
    await sleep(5);
  }
}

/**
 * A server whose answers a test decides.
 * @param answer Gets each request and returns {status, headers, body}, {fault: 'reset' | 'silence'}, or undefined when it answered itself.
 */
export async function startServer(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    try {
      for await (const part of request) {
        parts.push(part);
      }
    } catch {
      return; // The client left.
    }
    const raw = Buffer.concat(parts);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const url = new URL(request.url, 'http://localhost');
    const seen = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, raw, text };
    requests.push(seen);
    const reply = await answer(seen, requests.length - 1, response);
    if (!reply || reply.fault === 'silence') {
      return;
    }
    if (reply.fault === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(body);
  });
  // A test that fails leaves it open: that is not to keep the process, and whoever waits for it, for ever.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  const close = () => new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });
  const listen = (port) => new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  await listen(0);
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}`, requests, close, listenAgain: () => listen(port) };
}

/** What a real server says to a batch that it stored. */
export function storeAll({ text }) {
  const ids = JSON.parse(text).traces.map((trace) => trace.trace_id);
  return {
    status: 200,
    body: { success: true, message: `Processed ${ids.length} of ${ids.length} traces`, processed_count: ids.length, errors: null, trace_ids: ids },
  };
}

/** Runs a program that ends by itself, as a script does; one that does not is ended after half a minute. */
export function runScript(url, code) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
    env: { ...process.env, LLM_EVAL_BASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  const started = performance.now();
  return new Promise((ended) => child.on('close', (exitCode) => ended({ exitCode, output, ms: performance.now() - started })));
}

/** Objects each of which holds all of them: there are as many ways through them as they can be put in order. */
export function tangle(count) {
  const all = Array.from({ length: count }, () => ({}));
  for (const one of all) {
    all.forEach((other, index) => { one[`to${index}`] = other; });
  }
  return all[0];
}

/** A client of helpers that keeps what they capture. */
export function recorder() {
  const traces = [];
  return { traces, capture: (trace) => (traces.push(trace), trace.traceId ?? 'id') };
}

export const aTrace = (more) => ({ modelName: 'gpt-4', userQuery: 'q', aiResponse: 'a', ...more });
