// Puts text on the clipboard: data-copy="#id" that of an element, data-copy-text="…" itself, data-copy-trace="url" a field of a
// trace as it was sent, because what the page shows of it is formatted and may be cut.
document.addEventListener('click', async e => {
  const button = e.target.closest?.('[data-copy],[data-copy-text],[data-copy-trace]');
  if (!button) return;
  const { copy, copyText, copyTrace, copyField } = button.dataset;
  const source = copy && document.querySelector(copy);
  const read = async () => {
    if (copyTrace === undefined) return source ? source.textContent : copyText;
    const answer = await fetch(copyTrace);
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const trace = await answer.json();
    return copyField ? trace[copyField] : JSON.stringify(trace, null, 2);
  };
  try {
    // As a promise: what is fetched first is no longer part of the click for some browsers.
    await navigator.clipboard.write([new ClipboardItem({ 'text/plain': read().then(text => new Blob([text], { type: 'text/plain' })) })]);
    button.dataset.copied = '';
    setTimeout(() => delete button.dataset.copied, 2000);
  } catch {
    // No clipboard over plain http: the viewer copies what is shown, selected.
    const shown = source ?? button.closest('[data-copy-around]');
    if (shown) getSelection().selectAllChildren(shown);
    else if (copyText) prompt('Copy this:', copyText);
  }
});
