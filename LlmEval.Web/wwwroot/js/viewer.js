// What a browser knows of its viewer. The time zone goes along with every page that is asked for, so that the page need not ask
// back; a browser that has moved since loads its page once more.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const sent = () => document.cookie.match(/(?:^|; )zone=([^;]*)/)?.[1];
  const before = sent();
  if (before !== zone) {
    const path = new URL(document.querySelector('base').href).pathname;
    document.cookie = `zone=${zone}; path=${path}; max-age=31536000; samesite=lax`;
    if (before && sent() === zone) location.reload();
  }

  // A link in the navigation leads away from it, which is no new page where the page is live.
  document.addEventListener('click', e => e.target.closest?.('#shell-nav a')?.closest(':popover-open')?.hidePopover());

  // The name under which somebody reviews where nobody signs in.
  const key = 'reviewer';
  globalThis.llmevalViewer = {
    timeZone: () => zone,
    name: () => { try { return localStorage.getItem(key); } catch { return null; } },
    focusHeading: () => { if (!document.querySelector('main')?.contains(document.activeElement)) document.querySelector('h1[tabindex]')?.focus({ preventScroll: true }); },
    choose: name => { try { localStorage.setItem(key, name); } catch { /* lasts as long as the page */ } },
  };
})();
