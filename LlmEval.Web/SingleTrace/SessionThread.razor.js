// Scrolls the thread, and nothing else, to the trace that is open.
export const reveal = list => {
  const here = list?.querySelector('[aria-current]');
  if (here) list.scrollTop = here.offsetTop - list.offsetTop - list.clientHeight / 3;
};
