import { untilHeard } from '../js/until-heard.js';

// Whoever moves by keyboard goes on where they were; for a pointer, focus on a row would only keep the list still.
let byKeyboard = false;
addEventListener('keydown', () => { byKeyboard = true; }, true);
addEventListener('pointerdown', () => { byKeyboard = false; }, true);

// Tells the page when somebody reads certain rows: scrolled away from the top, the pointer over the rows, or focus within them.
// Only changes are sent. Also asks for older rows before the reader reaches the end.
export function watch(list, end, page) {
  let scrolled = false, hovered = false, focused = false, told = false;
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

  const linkOf = traceId => list.querySelector(`tr[data-trace="${CSS.escape(traceId)}"] a`);
  const focusRow = traceId => { if (byKeyboard) linkOf(traceId)?.focus({ preventScroll: true }); };

  return {
    toTop() { scrollTo(0, 0); },
    focusRow,
    // The row that the reader comes back to. Only those in sight are drawn, and they are of one height.
    showRow(traceId, place, tries = 60) {
      const drawn = list.querySelector('tr[data-trace]');
      if (drawn) {
        const body = drawn.closest('tbody').getBoundingClientRect(), height = drawn.offsetHeight, top = body.top + place * height;
        if (top < 0 || top + height > innerHeight) scrollBy(0, top - innerHeight / 2);
      }
      if (linkOf(traceId)) focusRow(traceId);
      else if (tries > 0) requestAnimationFrame(() => this.showRow(traceId, place, tries - 1));
    },
    dispose() {
      reader.dispose();
      removeEventListener('scroll', onScroll);
      nearEnd.disconnect();
    },
  };
}
