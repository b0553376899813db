// Starts Blazor and says when the connection to the server is lost. It goes on trying until the server is back.
(() => {
  const root = document.documentElement;
  const notice = document.getElementById('components-reconnect-modal');
  const retryEvery = 2000;

  // A circuit that the server no longer has (it restarted, or the browser was away for long) cannot be continued. The address
  // holds what the page shows, so loading it again brings everything back; first wait until the server answers.
  const reloadWhenReady = async () => {
    try {
      if ((await fetch('health/ready', { cache: 'no-store' })).ok) { location.reload(); return; }
    } catch { /* still away */ }
    setTimeout(reloadWhenReady, retryEvery);
  };

  let reloading = false;
  notice.addEventListener('components-reconnect-state-changed', e => {
    const state = e.detail.state;
    root.dataset.connection = state === 'hide' ? 'live' : 'lost';
    notice.hidden = state === 'hide';
    if ((state === 'failed' || state === 'rejected') && !reloading) { reloading = true; reloadWhenReady(); }
  });

  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: 1_000_000,
        retryIntervalMilliseconds: tried => tried === 0 ? 0 : Math.min(250 * 2 ** Math.min(tried, 8), 4000),
      },
    },
  });
})();
