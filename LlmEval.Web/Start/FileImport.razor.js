import { untilHeard } from '../js/until-heard.js';

// Sends a chosen or dropped file to the import endpoint and tells the page how far it is.
const everyMs = 200;
const mostErrors = 50;

// A message of 32 KB or more ends the circuit.
const mostBytes = 16 * 1024;
const bytesOf = value => new TextEncoder().encode(JSON.stringify(value)).length;
const imports = new WeakMap();
const cut = text => text.length > 200 ? text.slice(0, 200) + '…' : text;

// What is being sent, and what came of the last one until a page has heard of it. Whoever looks at another page meanwhile has not
// cancelled anything.
let running = null, ended = null;

// The page that shows it, if one does.
let shown = null;

// A reload would end it.
const ask = e => e.preventDefault();

// The beginning of what a gzipped file holds, without what may stand before it; empty when it cannot be read: the server says why.
const unpacked = async file => {
  try {
    const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
    const decoder = new TextDecoder();
    let begin = '';
    for (let read = 0; !begin && read < 1 << 20;) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      begin = decoder.decode(value, { stream: true }).trimStart();
    }
    reader.cancel().catch(() => {});
    return begin;
  } catch {
    return '';
  }
};

// A file is a JSON array, JSON Lines, or one JSON object over several lines, which is sent as an array of one.
const bodyOf = async file => {
  if (file.name.toLowerCase().endsWith('.gz')) {
    return { body: file, type: (await unpacked(file)).startsWith('[') ? 'application/json' : 'application/x-ndjson', encoding: 'gzip' };
  }
  const begin = (await file.slice(0, 65536).text()).trimStart();
  if (begin.startsWith('[')) return { body: file, type: 'application/json' };
  if (begin.startsWith('{') && file.size < 8 << 20) {
    const text = await file.text();
    try { JSON.parse(text); return { body: `[${text}]`, type: 'application/json' }; } catch { /* lines */ }
  }
  return { body: file, type: 'application/x-ndjson' };
};

const fitting = errors => {
  let left = mostBytes;
  return errors.slice(0, mostErrors).filter(e => (left -= bytesOf(e)) > 0);
};

const resultOf = answer => typeof answer?.imported !== 'number' ? null : {
  imported: answer.imported, alreadyThere: answer.already_there, failed: answer.failed,
  errors: fitting((answer.errors ?? []).filter(e => typeof e === 'object')
    .map(e => ({ line: e.line, traceId: e.trace_id && cut(e.trace_id), message: cut(e.message) }))),
};

const finish = (result, fault) => {
  removeEventListener('beforeunload', ask);
  [running, ended] = [null, [result, fault]];
  shown?.end(...ended);
};

const send = async file => {
  if (!file || running) return;
  const mine = running = { name: file.name, percent: 0, request: null };
  ended = null;
  shown?.begin(mine.name);
  let read;
  try { read = await bodyOf(file); } catch {
    // A folder, for one, or a file that is gone.
    finish(null, 'This cannot be read as a file.');
    return;
  }
  const { body, type, encoding } = read;
  const request = mine.request = new XMLHttpRequest();
  request.open('POST', 'api/traces/import');
  request.setRequestHeader('Content-Type', type);
  if (encoding) request.setRequestHeader('Content-Encoding', encoding);
  let told = 0;
  request.upload.onprogress = e => {
    mine.percent = Math.floor(100 * e.loaded / e.total);
    if (Date.now() - told < everyMs && e.loaded < e.total) return;
    told = Date.now();
    shown?.progress(mine.percent);
  };
  const end = fault => {
    let answer = null;
    try { answer = JSON.parse(request.responseText); } catch { /* none */ }
    finish(resultOf(answer), fault ?? (request.status === 200 ? null : cut(answer?.detail ?? `The server answered ${request.status}.`)));
  };
  request.onload = () => end(null);
  request.onerror = () => end('The connection was lost. Importing the same file again is safe.');
  request.onabort = () => end('Cancelled. What was sent before is stored; importing the same file again is safe.');
  addEventListener('beforeunload', ask);
  request.send(body);
};

export function attach(element, page) {
  if (imports.has(element)) return imports.get(element);
  const input = element.querySelector('input[type=file]');
  const drop = element.querySelector('.drop');
  const outcome = untilHeard(page, 'OnEnd');

  // Not waited for: while the connection is lost it is never answered, and no other file could be sent.
  const tell = (...args) => page.invokeMethodAsync(...args).catch(() => {});
  const mine = {
    begin(name) {
      outcome.dispose();
      tell('OnBegin', name);
    },
    progress(percent) { tell('OnProgress', percent); },
    end(result, fault) {
      input.value = '';
      outcome.say(result, fault);
    },
  };
  shown = mine;

  input.addEventListener('change', () => send(input.files[0]));
  drop.addEventListener('dragover', e => { e.preventDefault(); drop.dataset.over = ''; });
  drop.addEventListener('dragleave', () => { delete drop.dataset.over; });
  drop.addEventListener('drop', e => { e.preventDefault(); delete drop.dataset.over; send(e.dataTransfer.files[0]); });

  if (running) {
    mine.begin(running.name);
    mine.progress(running.percent);
  } else if (input.files[0]) {
    // Chosen while the page was still getting ready.
    send(input.files[0]);
  } else if (ended) {
    mine.end(...ended);
  }

  const attached = {
    cancel: () => running?.request?.abort(),
    dispose() {
      outcome.dispose();
      if (outcome.heard) ended = null;
      if (shown === mine) shown = null;
    },
  };
  imports.set(element, attached);
  return attached;
}
