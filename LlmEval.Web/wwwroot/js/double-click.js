// The second click of a double click, on what makes something: whoever has the habit means one. The first may be done by then, and the
// second asks for something else: a link for nobody in particular, or a secret in the place of the one that was just made.
document.addEventListener('click', e => {
  if (e.detail < 2 || !e.target.closest?.('[data-once]')) return;
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);
