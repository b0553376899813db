// A blob goes to the server as a stream, in pieces of any number: there is no limit that a long text could meet.
export const typed = form => new Blob([JSON.stringify(Object.fromEntries(new FormData(form)))]);

// Where somebody types. A verdict that is saved brings a new form in the place of the one that they may have gone on with.
let focused = null;

// Keeps what is typed for a trace in this tab, so that a reload or a lost connection takes nothing away. Tells the page once that
// there is something to read. Enter takes a tag, and leaves the field when there is none.
export function watch(form, traceId, page) {
  const key = `draft ${traceId}`;
  let told = false, timer = 0;
  const fields = () => [...form.querySelectorAll('[name=reason],[name=notes],[name=ideal]')];
  const tell = ideal => {
    if (told && !ideal) return;
    told = true;
    page.invokeMethodAsync('OnTyped', ideal).catch(() => {});
  };
  const keep = () => {
    const draft = Object.fromEntries(fields().filter(f => f.value).map(f => [f.name, f.value]));
    try { Object.keys(draft).length ? sessionStorage.setItem(key, JSON.stringify(draft)) : sessionStorage.removeItem(key); } catch { /* full or blocked: the field itself still has it */ }
  };
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(key)) ?? {}; } catch { return {}; } };
  const restore = draft => fields().forEach(f => { if (draft[f.name] !== undefined) f.value = draft[f.name]; });

  const onInput = e => {
    if (e.target.name === 'tag') return;
    tell(false);
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  };
  const onKey = e => {
    if (e.key === 'Enter' && e.target.name === 'tag') {
      e.preventDefault();
      e.target.dispatchEvent(new Event('change', { bubbles: true }));
      e.target.value ? e.target.value = '' : e.target.blur();
    }
  };
  form.addEventListener('input', onInput);
  form.addEventListener('keydown', onKey);
  const onFocus = e => { focused = { traceId, name: e.target.name }; };
  const onBlur = () => setTimeout(() => { if (form.isConnected && !form.contains(document.activeElement)) focused = null; });
  form.addEventListener('focusin', onFocus);
  form.addEventListener('focusout', onBlur);
  if (focused?.traceId === traceId && document.activeElement === document.body) form.querySelector(`[name="${focused.name}"]`)?.focus();

  let draft = kept();
  if (Object.keys(draft).length) { restore(draft); tell('ideal' in draft); }
  else if (fields().some(f => f.name !== 'ideal' && f.value)) { tell(false); keep(); }

  return {
    // Keys act wherever the pane stands: what they ask must be in sight.
    rejecting() {
      for (const part of ['.sheet', '.buttons']) form.querySelector(part).scrollIntoView({ block: 'nearest' });
    },

    // The field comes and goes with the wish to edit.
    editing(on) {
      if (!on) { draft = {}; keep(); return; }
      const field = form.querySelector('[name=ideal]');
      if (!field) return;
      restore(draft);
      tell(false);
      field.focus({ preventScroll: true });
      field.closest('label').scrollIntoView({ block: 'nearest' });
    },
    dispose() {
      clearTimeout(timer);
      form.removeEventListener('input', onInput);
      form.removeEventListener('keydown', onKey);
      form.removeEventListener('focusin', onFocus);
      form.removeEventListener('focusout', onBlur);
    },
  };
}

// The verdict is saved: nothing is left to keep.
export const forget = traceId => { try { sessionStorage.removeItem(`draft ${traceId}`); } catch { /* nothing was kept */ } };
