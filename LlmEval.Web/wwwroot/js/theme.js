// Runs before the first paint: the page never shows in the wrong theme. The choice is remembered; without one the system's holds.
(() => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const show = theme => { document.documentElement.dataset.theme = theme; };
  const showCurrent = () => show(chosen() ?? (system.matches ? 'dark' : 'light'));

  showCurrent();
  system.addEventListener('change', showCurrent);
  addEventListener('storage', e => { if (e.key === 'theme') showCurrent(); });

  document.addEventListener('click', e => {
    if (!e.target.closest?.('[data-theme-toggle]')) return;
    const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    // Back at what the system says, follow it again.
    try {
      if ((theme === 'dark') === system.matches) localStorage.removeItem('theme');
      else localStorage.setItem('theme', theme);
    } catch { /* Storage is blocked: the choice lasts as long as the page. */ }
    show(theme);
  });
})();
