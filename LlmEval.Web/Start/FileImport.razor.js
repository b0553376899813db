import { untilHeard } from '../js/until-heard.js';

// Sends a chosen or dropped file to the import endpoint and tells the page how far it is.
const everyMs = 200;
const mostErrors = 50;

// A message of 32 KB or more ends the circuit.
const mostBytes = 16 * 1024;
const bytesOf = value => new TextEncoder().encode(JSON.stringify(value)).length;
const imports = new WeakMap();
const cut = text => text.length > 200 ? text.slice(0, 200) + '…' : text;

// A file is a JSON array, JSON Lines, or one JSON object over several lines, which is sent as an array of one.
const bodyOf = async file => {
  if (file.name.endsWith('.gz')) return { body: file, type: 'application/x-ndjson', encoding: 'gzip' };
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

export function attach(element, page) {
  if (imports.has(element)) return imports.get(element);
  const input = element.querySelector('input[type=file]');
  const drop = element.querySelector('.drop');
  let request = null;
  const outcome = untilHeard(page, 'OnEnd');
  const tell = (...args) => page.invokeMethodAsync(...args).catch(() => {});

  let busy = false;
  const send = async file => {
    if (!file || busy) return;
    busy = true;
    outcome.dispose();

    // Not waited for: while the connection is lost it is never answered, and no other file could be sent.
    tell('OnBegin', file.name);
    let told = 0, read;
    try { read = await bodyOf(file); } catch {
      // A folder, for one, or a file that is gone.
      busy = false;
      input.value = '';
      outcome.say(null, 'This cannot be read as a file.');
      return;
    }
    const { body, type, encoding } = read;
    request = new XMLHttpRequest();
    request.open('POST', 'api/traces/import');
    request.setRequestHeader('Content-Type', type);
    if (encoding) request.setRequestHeader('Content-Encoding', encoding);
    request.upload.onprogress = e => {
      if (Date.now() - told < everyMs && e.loaded < e.total) return;
      told = Date.now();
      tell('OnProgress', Math.floor(100 * e.loaded / e.total));
    };
    const end = fault => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* none */ }
      outcome.say(resultOf(answer), fault ?? (request.status === 200 ? null : cut(answer?.detail ?? `The server answered ${request.status}.`)));
      request = null;
      busy = false;
      input.value = '';
    };
    request.onload = () => end(null);
    request.onerror = () => end('The connection was lost. Importing the same file again is safe.');
    request.onabort = () => end('Cancelled. What was sent before is stored; importing the same file again is safe.');
    request.send(body);
  };

  input.addEventListener('change', () => send(input.files[0]));
  drop.addEventListener('dragover', e => { e.preventDefault(); drop.dataset.over = ''; });
  drop.addEventListener('dragleave', () => { delete drop.dataset.over; });
  drop.addEventListener('drop', e => { e.preventDefault(); delete drop.dataset.over; send(e.dataTransfer.files[0]); });

  // Chosen while the page was still getting ready.
  send(input.files[0]);
  const cancel = () => request?.abort();
  const dispose = () => {
    cancel();
    outcome.dispose();
  };
  const attached = { cancel, dispose };
  imports.set(element, attached);
  return attached;
}
