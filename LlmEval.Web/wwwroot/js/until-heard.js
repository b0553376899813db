// Calls a method of the page until it was heard: what is said while the connection is lost is never answered. What is said later
// takes the place of what was said before.
export function untilHeard(page, method) {
  let again = 0, latest = 0;
  const send = (mine, words) => {
    clearTimeout(again);
    again = setTimeout(send, 2000, mine, words);
    page.invokeMethodAsync(method, ...words).then(() => {
      if (mine !== latest) return;
      clearTimeout(again);
      said.heard = true;
    }, () => {});
  };
  const said = {
    heard: false,
    say(...words) {
      said.heard = false;
      send(++latest, words);
    },
    dispose() { clearTimeout(again); },
  };
  return said;
}
