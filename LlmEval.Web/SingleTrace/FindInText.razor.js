// Finds words in what the page shows and marks them by ranges (CSS custom highlights): the page's own nodes stay untouched.
// Words are found each for itself, a "quoted phrase" as one; -words are what a search of the list leaves out.
const mostHits = 2000;

const wordsOf = query => [...query.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)]
  .filter(m => !m[1])
  .map(m => (m[2] ?? m[3].replace(/\*$/, '')).toLowerCase().trim())
  .filter(word => word.length > 0);

function rangesIn(root, words) {
  const ranges = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && ranges.length < mostHits; node = walker.nextNode()) {
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length || !node.parentElement.closest('[data-find],.calls')) continue;
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0 && ranges.length < mostHits; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  return ranges.sort((a, b) => a.compareBoundaryPoints(Range.START_TO_START, b));
}

export function attach(search, rootSelector) {
  // Gone again before it could be attached.
  if (!search) return { dispose() {} };
  const input = search.querySelector('input');
  const count = search.querySelector('output');
  const steps = [...search.querySelectorAll('.step')];
  const canMark = 'highlights' in CSS;
  let hits = [], at = -1, waiting;

  const show = () => {
    if (canMark) {
      CSS.highlights.set('find', new Highlight(...hits));
      CSS.highlights.set('find-here', at >= 0 ? new Highlight(hits[at]) : new Highlight());
    }
    count.textContent = input.value.trim() === '' ? '' : hits.length === 0 ? 'None' : at >= 0 ? `${at + 1} of ${hits.length}` : `${hits.length} found`;
    steps.forEach(step => { step.hidden = hits.length === 0; });
  };

  const find = () => {
    const root = document.querySelector(rootSelector);
    const words = wordsOf(input.value);
    hits = root && words.length > 0 ? rangesIn(root, words) : [];
    at = -1;
    show();
  };

  const go = step => {
    if (hits.length === 0) return;
    at = at < 0 ? (step > 0 ? 0 : hits.length - 1) : (at + step + hits.length) % hits.length;
    const place = hits[at].startContainer.parentElement;
    for (let closed = place.closest('details:not([open])'); closed; closed = closed.parentElement.closest('details:not([open])')) closed.open = true;
    const box = hits[at].getBoundingClientRect();
    if (box.top < 140 || box.bottom > innerHeight - 80) scrollBy({ top: box.top - innerHeight / 3 });
    show();
  };

  input.addEventListener('input', find);
  input.addEventListener('keydown', e => {
    if (e.key === 'Enter') { e.preventDefault(); go(e.shiftKey ? -1 : 1); }
    else if (e.key === 'Escape') { if (input.value) { input.value = ''; find(); } else input.blur(); e.preventDefault(); }
  });
  steps.forEach(step => step.addEventListener('click', () => go(Number(step.dataset.step))));

  // What is shown may change: another view, "show all", a change by somebody else.
  const changes = new MutationObserver(() => { clearTimeout(waiting); waiting = setTimeout(find, 100); });
  const root = document.querySelector(rootSelector);
  if (root) changes.observe(root, { childList: true, subtree: true, characterData: true });
  find();

  return {
    dispose() {
      changes.disconnect();
      clearTimeout(waiting);
      if (canMark) { CSS.highlights.delete('find'); CSS.highlights.delete('find-here'); }
    },
  };
}
