// A button with data-copy="#id" puts the text of that element on the clipboard.
document.addEventListener('click', async e => {
  const button = e.target.closest?.('[data-copy]');
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.dataset.copied = '';
    setTimeout(() => delete button.dataset.copied, 2000);
  } catch {
    // No clipboard over plain http: select the text, and the viewer copies it.
    getSelection().selectAllChildren(source);
  }
});
