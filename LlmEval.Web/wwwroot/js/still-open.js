// A page is drawn twice: by the server, and anew once its circuit has started, which takes away whatever was opened in between.
// What somebody opened is opened again, unless they went on to something else.
(() => {
  let open = '';
  const again = new MutationObserver(() => {
    const popover = open && document.getElementById(open);
    if (popover && !popover.matches(':popover-open')) popover.showPopover();
    if (document.querySelector('main[data-interactive=true]') && (popover || !open)) again.disconnect();
  });
  // What is taken out of the document says nothing when it closes.
  document.addEventListener('beforetoggle', e => {
    if (e.newState === 'open') open = e.target.id;
    else if (open === e.target.id) open = '';
  }, true);
  for (const went of ['pointerdown', 'keydown']) document.addEventListener(went, () => { open = ''; }, true);
  again.observe(document.body, { childList: true, subtree: true });
})();
