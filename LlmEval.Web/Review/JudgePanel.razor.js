import { untilHeard } from '../js/until-heard.js';

// A blob goes to the server as a stream, in pieces of any number: there is no limit that a long text could meet.
export const typed = form => new Blob([JSON.stringify(open.get(form.dataset.trace)?.sending() ?? form.said ?? readOf(form))]);

const readOf = form => Object.fromEntries(new FormData(form));

// Where somebody types. A verdict that is saved brings a new form in the place of the one that they may have gone on with.
let focused = null;

// The forms that are shown, by their traces.
const open = new Map();

const keyOf = traceId => `draft ${traceId}`;
const store = (traceId, draft) => {
  try { Object.keys(draft).length ? sessionStorage.setItem(keyOf(traceId), JSON.stringify(draft)) : sessionStorage.removeItem(keyOf(traceId)); } catch { /* full or blocked: the field itself still has it */ }
};

// Keeps what is typed for a trace in this tab, so that a reload or a lost connection takes nothing away. Tells the page that there
// is something to read. Enter takes a tag, and leaves the field when there is none.
export function watch(form, traceId, page) {
  let timer = 0, sent = '{}', isSaved = false;
  const fields = () => [...form.querySelectorAll('[name=reason],[name=notes],[name=ideal]')];
  // Those of the history are none of it.
  const tags = () => [...form.querySelectorAll('.tags ul bdi')].map(tag => tag.textContent);
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(keyOf(traceId))) ?? {}; } catch { return {}; } };
  let draft = kept();
  const typing = untilHeard(page, 'OnTyped');
  const tell = () => { if (!typing.heard) typing.say('ideal' in draft, draft.tags ?? []); };
  const valuesOf = read => Object.fromEntries(Object.entries(read).filter(([name, value]) => value && name !== 'tag'));
  const values = () => valuesOf(readOf(form));
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    const chosen = tags();
    store(traceId, chosen.length ? { ...values(), tags: chosen } : values());
  };
  const keepSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  };
  const onInput = e => {
    if (e.target.name === 'tag') return;
    tell();
    keepSoon();
  };
  form.addEventListener('input', onInput);
  const note = field => { focused = { traceId, name: field.name }; };
  const onFocus = e => note(e.target);
  const onBlur = () => setTimeout(() => { if (form.isConnected && !form.contains(document.activeElement)) focused = null; });
  form.addEventListener('focusin', onFocus);
  form.addEventListener('focusout', onBlur);
  // Somebody may have been quicker than this script.
  if (form.contains(document.activeElement)) note(document.activeElement);
  else if (focused?.traceId === traceId && document.activeElement === document.body) form.querySelector(`[name="${focused.name}"]`)?.focus();

  if (Object.keys(draft).length) {
    // Not over what was typed since the form came.
    fields().forEach(f => { if (draft[f.name] !== undefined && f.value === f.defaultValue) f.value = draft[f.name]; });
    tell();
  }
  // Typed before this was here; the ideal answer is only there once somebody edits it.
  else if (fields().some(f => f.value)) { tell(); keep(); }
  const tagging = new MutationObserver(keepSoon);
  tagging.observe(form.querySelector('.tags ul'), { childList: true });

  // A verdict that is saved brings an empty form for the same trace. Whoever typed on meanwhile does so in that one, from the very
  // moment that it is there: a key between the two would be a command.
  const left = () => JSON.stringify(values()) === sent ? {} : values();
  const succession = new MutationObserver(() => {
    const next = isSaved && !form.isConnected && document.querySelector(`form.judge[data-trace="${CSS.escape(traceId)}"]`);
    if (!next) return;
    succession.disconnect();
    store(traceId, left());
    for (const [name, value] of Object.entries(left())) {
      const field = next.querySelector(`[name="${name}"]`);
      if (field) field.value = value;
    }
    if (focused?.traceId === traceId) next.querySelector(`[name="${focused.name}"]`)?.focus();
  });
  succession.observe(document.body, { childList: true, subtree: true });

  const own = {
    // What is being saved; what comes after it is not.
    sending() {
      const sending = form.said ?? readOf(form);
      sent = JSON.stringify(valuesOf(sending));
      return sending;
    },
    saved() {
      clearTimeout(timer);
      timer = 0;
      isSaved = true;
      store(traceId, left());
    },

    // Keys act wherever the pane stands: what they ask must be in sight.
    rejecting() {
      for (const part of ['.sheet', '.buttons']) form.querySelector(part).scrollIntoView({ block: 'nearest' });
    },

    // The field comes and goes with the wish to edit.
    editing(on) {
      if (!on) { draft = {}; keep(); return; }
      const field = form.querySelector('[name=ideal]');
      if (!field) return;
      if (draft.ideal !== undefined) field.value = draft.ideal;
      tell();
      field.focus({ preventScroll: true });
      field.closest('label').scrollIntoView({ block: 'nearest' });
    },
    dispose() {
      if (timer) isSaved ? store(traceId, left()) : keep();
      clearTimeout(timer);
      typing.dispose();
      tagging.disconnect();
      setTimeout(() => succession.disconnect(), 2000);
      if (open.get(traceId) === own) open.delete(traceId);
      form.removeEventListener('input', onInput);
      form.removeEventListener('focusin', onFocus);
      form.removeEventListener('focusout', onBlur);
    },
  };
  open.set(traceId, own);
  return own;
}

// The verdict is saved: nothing of it is left to keep.
export const forget = traceId => { open.has(traceId) ? open.get(traceId).saved() : store(traceId, {}); };
