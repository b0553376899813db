// What a browser remembers: controls with data-preference="key" hold the value that is stored under that key; an empty value
// forgets it. Runs before the first paint, so that no page shows otherwise first.
(() => {
  const root = document.documentElement;
  const stored = key => { try { return localStorage.getItem(key) ?? ''; } catch { return ''; } };
  const apply = () => { root.dataset.density = stored('density') || 'comfortable'; };

  const show = () => {
    for (const control of document.querySelectorAll('[data-preference]')) control.checked = control.value === stored(control.dataset.preference);
  };

  document.addEventListener('change', e => {
    const key = e.target.dataset?.preference;
    if (!key) return;
    try {
      if (e.target.value) localStorage.setItem(key, e.target.value);
      else localStorage.removeItem(key);
    } catch { /* Storage is blocked: nothing is remembered. */ }
    apply();

    // Other tabs get this event by themselves; in this one the theme follows it too.
    dispatchEvent(new StorageEvent('storage', { key }));
    show();
  });
  addEventListener('storage', () => { apply(); show(); });

  // The button in the bar switches the theme too.
  new MutationObserver(show).observe(root, { attributeFilter: ['data-theme'] });

  apply();
  globalThis.llmevalPreferences = { show };
})();
