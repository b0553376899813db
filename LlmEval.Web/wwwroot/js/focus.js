// A key may take away the very control that it acted on: a tag is taken off, a question answered, a list cleared. The focus would
// fall out of the page, and whoever has no pointer would begin again at its top: it goes to what stands in that place now.
(() => {
  const able = ['a[href]', 'button:enabled', 'summary', 'input[type=checkbox]:enabled', 'input[type=radio]:enabled', '[tabindex="0"]']
    .map(kind => `${kind}:not([tabindex="-1"])`).join();
  const visible = el => el.getClientRects().length > 0;
  // The document moves it along as things come and go.
  const place = document.createRange();
  let last = null, byKey = true, held = false, timer = 0;

  const keep = () => {
    // A key that is held down acts again and again, on whatever has the focus.
    if (!last || held || ![document.body, last].includes(document.activeElement)) return;
    if (last.isConnected) {
      if (!last.disabled) last.focus({ preventScroll: true });
      return;
    }
    const main = document.querySelector('main');
    for (let within = place.startContainer; main?.contains(within); within = within.parentElement) {
      // Nobody shall go on to what deletes without looking for it.
      const found = [...within.querySelectorAll(able)].filter(el => visible(el) && !el.matches('.danger'));
      const next = found.find(el => place.comparePoint(el, 0) > 0) ?? found.at(-1);
      if (next) { next.focus({ preventScroll: true }); return; }
    }
  };
  // What the page itself does about it comes first.
  const keepSoon = () => { clearTimeout(timer); timer = setTimeout(keep, 150); };

  document.addEventListener('focusin', e => {
    // The fields of a verdict come again with what was typed, and take the focus themselves.
    last = e.target.closest('main') && e.target.matches(able) ? e.target : null;
    if (last) { place.setStartBefore(last); place.collapse(true); }
  });
  document.addEventListener('focusout', () => queueMicrotask(() => {
    if (last?.isConnected && !last.disabled && document.activeElement !== last) last = null;
  }));
  document.addEventListener('keydown', () => { byKey = held = true; }, true);
  document.addEventListener('keyup', () => { held = false; keepSoon(); }, true);
  document.addEventListener('pointerdown', () => { byKey = held = false; }, true);
  new MutationObserver(() => { if (last && byKey && (!last.isConnected || document.activeElement === document.body)) keepSoon(); })
    .observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
})();
