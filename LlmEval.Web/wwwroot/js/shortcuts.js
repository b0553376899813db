// Keys are declared where they act: aria-keyshortcuts on an element names its key, data-keys-label says what it does in the list
// of keys. What is typed into is focused, anything else is clicked; on a list, "j k" move between
// its links. What carries data-keys-go is clicked by that key after "g". What carries data-keys-after has its key only after that
// one: while its form says so in data-keys-armed, or the page has not come to it yet. Escape leaves a field; in what carries
// data-keys-close it acts as it does outside of a field, first on what controls that. Enter in what carries data-keys-enter
// sends its form, in what carries data-keys-add it adds what stands there. Runs in the browser alone, so that a key answers at once.
(() => {
  const storageKey = 'shortcuts';
  const enabled = () => { try { return localStorage.getItem(storageKey) !== 'off'; } catch { return true; } };
  const visible = el => el.getClientRects().length > 0;
  const bearers = () => [...document.querySelectorAll('[aria-keyshortcuts]')].filter(visible);
  const keysOf = el => el.getAttribute('aria-keyshortcuts').split(' ');
  const typing = el => el instanceof HTMLElement && (el.isContentEditable ||
    !!el.closest('input:not([type=checkbox]):not([type=radio]):not([type=button]),textarea,select,[role=textbox],[role=combobox],[role=listbox]'));
  const modal = () => !!document.querySelector('dialog[open]');

  // Caps Lock and the letters of another alphabet take no key away. Shift makes another sign, as in "?", or none.
  const keyOf = e => {
    if (e.key.length > 1 || e.shiftKey) return e.key;
    if (/[a-z0-9]/i.test(e.key)) return e.key.toLowerCase();
    const at = /^(Key|Digit)(\w)$/.exec(e.code);
    // The row of digits has other signs in some Latin alphabets; letters stand elsewhere in those, and have their own key.
    return at && (at[1] === 'Digit' || e.key > '\x7f') ? at[2].toLowerCase() : e.key;
  };

  // What the last key acted on: the next key may come before the page has shown what that led to.
  let led = null;
  const due = el => {
    const after = el.dataset.keysAfter;
    return !after || el.closest('[data-keys-armed]')?.dataset.keysArmed === after
      || led?.key === after && led.el.isConnected && !!el.form && led.el.form === el.form;
  };

  const move = (list, step) => {
    const links = [...list.querySelectorAll('[data-keys-item]')].filter(visible);
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest' });
  };

  // From a search to what it found.
  const leave = field => {
    field.blur();
    if (field.type === 'search') document.querySelector('[aria-keyshortcuts="j k"]')?.focus({ preventScroll: true });
  };

  const act = (el, key) => {
    if ((key === 'j' || key === 'k') && !el.matches('a,button')) move(el, key === 'j' ? 1 : -1);
    else if (el.matches('input,textarea')) { el.focus(); el.select(); }
    else {
      // The next Tab goes into the menu that it opens.
      if (el.popoverTargetElement) el.focus({ preventScroll: true });
      el.click();
    }
  };

  const places = () => [...document.querySelectorAll('[data-keys-go]')];
  let goUntil = 0;
  const go = key => {
    const leads = performance.now() < goUntil;
    goUntil = key === 'g' && !leads ? performance.now() + 1500 : 0;
    const place = leads && places().find(el => el.dataset.keysGo === key);
    if (place) (place.querySelector('a') ?? place).click();
    return leads || goUntil > 0;
  };

  document.addEventListener('keydown', e => {
    if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const key = keyOf(e);
    if (e.repeat && key !== 'j' && key !== 'k') return;
    const named = key.length > 1;
    // A form of several fields sends itself only where it shows a button for that.
    if (key === 'Enter' && e.target.matches?.('[data-keys-enter]') && e.target.value.trim()) { e.preventDefault(); e.target.form.requestSubmit(); return; }
    // One of several: it is taken, and the next may be typed. Enter in the empty field is done with them.
    if (key === 'Enter' && e.target.matches?.('[data-keys-add]')) {
      e.preventDefault();
      e.target.dispatchEvent(new Event('change', { bubbles: true }));
      e.target.value ? e.target.value = '' : e.target.blur();
      return;
    }
    // A field of no form is done with Enter: the next key is not of it.
    if (key === 'Enter' && e.target.matches?.('input[type=text],input:not([type])') && !e.target.form) { leave(e.target); e.preventDefault(); return; }
    if (!named && !enabled() || typing(e.target) && e.key !== 'Escape' || modal()) return;
    // A menu that is open is closed by its browser.
    if (e.key === 'Escape' && document.querySelector('[popover]:popover-open')) return;
    if (e.key === 'Escape' && typing(e.target)) {
      if (e.target.type === 'search' && e.target.value) {
        // Not every browser empties it.
        e.target.value = '';
        e.target.dispatchEvent(new Event('input', { bubbles: true }));
        e.preventDefault();
        return;
      }
      if (!e.target.closest('[data-keys-close]')) { leave(e.target); e.preventDefault(); return; }
    }
    if (e.key === 'Enter' && e.target.closest?.('a,button,summary')) return;
    if (!named && go(key)) { e.preventDefault(); return; }
    const able = bearers().filter(b => keysOf(b).includes(key) && due(b));
    const within = e.target.closest?.('[data-keys-close]')?.id;
    const el = able.find(b => within && b.getAttribute('aria-controls') === within) ?? able.at(-1);
    if (!el) { led = null; return; }
    e.preventDefault();
    // The same key again takes back what it led to.
    led = led?.el === el ? null : { el, key };
    if (named && typing(e.target)) el.focus();
    act(el, key);
  });

  document.addEventListener('click', e => {
    if (e.isTrusted) led = null;
    if (e.target.closest?.('[data-shortcuts-open]')) open();
  });

  const open = () => {
    const dialog = document.getElementById('shortcuts');
    const list = dialog.querySelector('dl');
    const line = (keys, label) => {
      const term = document.createElement('dt');
      term.append(...keys.map(key => Object.assign(document.createElement('kbd'), { textContent: key === 'Escape' ? 'Esc' : key })));
      return [term, Object.assign(document.createElement('dd'), { textContent: label })];
    };
    list.replaceChildren(
      ...bearers().flatMap(el => line([el.dataset.keysAfter ?? [], keysOf(el)].flat(), el.dataset.keysLabel ?? el.getAttribute('aria-label') ?? el.textContent)),
      ...places().flatMap(el => line(['g', el.dataset.keysGo], `Go to ${el.textContent.trim()}`)));
    const on = dialog.querySelector('input');
    on.checked = enabled();
    on.onchange = () => { try { on.checked ? localStorage.removeItem(storageKey) : localStorage.setItem(storageKey, 'off'); } catch { /* lasts as long as the page */ } };
    dialog.showModal();
  };
})();
