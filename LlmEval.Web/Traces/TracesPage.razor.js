import { untilHeard } from '../js/until-heard.js';

// Tells the page when somebody reads certain rows: scrolled away from the top, the pointer over the rows, or focus within them.
// Only changes are sent. Also asks for older rows before the reader reaches the end.
export function watch(list, end, page) {
  let scrolled = false, hovered = false, focused = false, told = false, byKeyboard = false;
  // Not heard, the list would be kept still for ever.
  const reader = untilHeard(page, 'OnReading');
  const tell = () => {
    const reading = scrolled || hovered || focused;
    if (reading === told) return;
    told = reading;
    reader.say(reading);
  };
  const inRows = target => !!target.closest?.('tbody');
  const onScroll = () => { scrolled = scrollY > 8; tell(); };
  const onOver = e => { hovered = e.pointerType === 'mouse' && inRows(e.target); tell(); };
  const onLeave = () => { hovered = false; tell(); };
  const onFocusIn = e => { focused = inRows(e.target); tell(); };
  const onFocusOut = e => { focused = !!e.relatedTarget && list.contains(e.relatedTarget) && inRows(e.relatedTarget); tell(); };

  const onKey = () => { byKeyboard = true; };
  const onPointer = () => { byKeyboard = false; };

  addEventListener('keydown', onKey, true);
  addEventListener('pointerdown', onPointer, true);
  addEventListener('scroll', onScroll, { passive: true });
  list.addEventListener('pointerover', onOver);
  list.addEventListener('pointerleave', onLeave);
  list.addEventListener('focusin', onFocusIn);
  list.addEventListener('focusout', onFocusOut);
  onScroll();

  // Clicks the button that is there for everybody, so there is one way to load.
  const nearEnd = new IntersectionObserver(seen => {
    if (seen.some(s => s.isIntersecting)) list.parentElement.querySelector('[data-older]:enabled')?.click();
  }, { rootMargin: '0px 0px 600px 0px' });
  nearEnd.observe(end);

  return {
    toTop() { scrollTo(0, 0); },
    // Closed by keyboard, the details hand the focus back to their row; for a pointer it would only keep the list still.
    focusRow(traceId) {
      if (byKeyboard) list.querySelector(`tr[data-trace="${CSS.escape(traceId)}"] a`)?.focus({ preventScroll: true });
    },
    dispose() {
      reader.dispose();
      removeEventListener('keydown', onKey, true);
      removeEventListener('pointerdown', onPointer, true);
      removeEventListener('scroll', onScroll);
      nearEnd.disconnect();
    },
  };
}
