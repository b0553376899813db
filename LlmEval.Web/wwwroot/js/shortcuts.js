// Keys are declared where they act: aria-keyshortcuts on an element names its key, data-keys-label says what it does in the list
// of keys. What is typed into is focused, anything else is clicked; on a list, "j k" move between
// its links. What carries data-keys-go is clicked by that key after "g". Runs in the browser alone, so that a key answers at once.
(() => {
  const storageKey = 'shortcuts';
  const enabled = () => { try { return localStorage.getItem(storageKey) !== 'off'; } catch { return true; } };
  const visible = el => el.getClientRects().length > 0;
  const bearers = () => [...document.querySelectorAll('[aria-keyshortcuts]')].filter(visible);
  const keysOf = el => el.getAttribute('aria-keyshortcuts').split(' ');
  const typing = el => el instanceof HTMLElement && (el.isContentEditable ||
    !!el.closest('input:not([type=checkbox]):not([type=radio]):not([type=button]),textarea,select,[role=textbox],[role=combobox],[role=listbox]'));
  const modal = () => !!document.querySelector('dialog[open],.mud-dialog-container .mud-dialog,.mud-popover-open');

  const move = (list, step) => {
    const links = [...list.querySelectorAll('[data-keys-item]')].filter(visible);
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest' });
  };

  const act = (el, key) => {
    if ((key === 'j' || key === 'k') && !el.matches('a,button')) move(el, key === 'j' ? 1 : -1);
    else if (el.matches('input,textarea')) { el.focus(); el.select(); }
    else el.click();
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
    if (e.repeat && e.key !== 'j' && e.key !== 'k') return;
    const named = e.key.length > 1;
    if (!named && !enabled() || typing(e.target) && e.key !== 'Escape' || modal()) return;
    // A menu that is open is closed by its browser.
    if (e.key === 'Escape' && document.querySelector('[popover]:popover-open')) return;
    if (e.key === 'Escape' && typing(e.target)) {
      // A search field is emptied by its browser; any other is left as it is.
      if (e.target.type !== 'search') { e.target.blur(); e.preventDefault(); return; }
      if (e.target.value) return;
    }
    if (e.key === 'Enter' && e.target.closest?.('a,button,summary')) return;
    if (!named && go(e.key)) { e.preventDefault(); return; }
    const el = bearers().findLast(b => keysOf(b).includes(e.key));
    if (!el) return;
    e.preventDefault();
    act(el, e.key);
  });

  document.addEventListener('click', e => {
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
      ...bearers().flatMap(el => line(keysOf(el), el.dataset.keysLabel ?? el.getAttribute('aria-label') ?? el.textContent)),
      ...places().flatMap(el => line(['g', el.dataset.keysGo], `Go to ${el.textContent.trim()}`)));
    const on = dialog.querySelector('input');
    on.checked = enabled();
    on.onchange = () => { try { on.checked ? localStorage.removeItem(storageKey) : localStorage.setItem(storageKey, 'off'); } catch { /* lasts as long as the page */ } };
    dialog.showModal();
  };
})();
