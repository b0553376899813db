import { forget } from './JudgePanel.razor.js';

// When another trace is shown, it is read from its beginning, and the focus is on its heading: keys act, and screen readers read.
export function watch() {
  const page = document.querySelector('.review');
  const focusHeading = () => page.querySelector('.pane:not([hidden]) h2, .talk > .notice h2')?.focus({ preventScroll: true });
  const show = () => {
    page.querySelector('.talk').scrollTop = 0;
    page.querySelector('.side').scrollTop = 0;
    page.querySelector('.queue [aria-current=true]')?.scrollIntoView({ block: 'nearest' });
    if (matchMedia('(max-width: 999px)').matches) scrollTo(0, 0);
    if (document.activeElement?.matches('input,textarea,select')) return;
    focusHeading();
  };
  const change = new MutationObserver(show);
  change.observe(page, { attributeFilter: ['data-current'] });
  show();
  return { forget, focusHeading, dispose() { change.disconnect(); } };
}
