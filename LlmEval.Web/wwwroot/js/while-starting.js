// A page is drawn twice: by the server, and anew once its circuit has started, which takes away whatever somebody opened or typed
// in between. What was open is opened again, and who was typing goes on: the next letters would be keys of the page, and judge.
(() => {
  const types = 'textarea, input:not([type=checkbox]):not([type=radio]):not([type=hidden])';
  const marks = ['id', 'name', 'aria-label', 'placeholder'];
  const nameOf = field => marks.map(mark => field.getAttribute(mark)).join('\n');
  let open = '', field = null;

  const type = into => {
    const [text, from, to] = [field.value, field.selectionStart, field.selectionEnd];
    into.focus({ preventScroll: true });
    if (into.value !== text) {
      into.select();
      // As if by hand: the page hears of it, and so it does when the field is left.
      document.execCommand(text ? 'insertText' : 'delete', false, text);
    }
    if (from !== null) into.setSelectionRange(from, to);
  };

  const again = new MutationObserver(() => {
    const popover = open && document.getElementById(open);
    if (popover && !popover.matches(':popover-open')) popover.showPopover();
    const taken = field && !field.isConnected;
    const into = taken && [...document.querySelectorAll(types)].find(one => nameOf(one) === nameOf(field));
    if (into) { type(into); field = null; }
    if (document.querySelector('main[data-interactive=true]') && (popover || !open) && (into || !taken)) again.disconnect();
  });

  // What is taken out of the document says nothing when it closes.
  document.addEventListener('beforetoggle', e => {
    if (e.newState === 'open') open = e.target.id;
    else if (open === e.target.id) open = '';
  }, true);
  document.addEventListener('focusin', e => { field = e.target.matches(types) ? e.target : null; });
  document.addEventListener('focusout', () => queueMicrotask(() => { if (field?.isConnected && field !== document.activeElement) field = null; }));
  again.observe(document.body, { childList: true, subtree: true });
})();
