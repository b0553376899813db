// What stood in the fields of a form when somebody acted in it: that is what they said, not what stands there when the server comes to
// ask. Kept on the form from its first moment, before any component had time to attach itself.
const note = e => {
  const form = e.target.closest?.('form[data-said]');
  if (form && (e.type === 'submit' || e.target.closest('button'))) form.said = Object.fromEntries(new FormData(form));
};
document.addEventListener('click', note, true);
document.addEventListener('submit', note, true);
