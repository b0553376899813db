// A blob goes to the server as a stream, in pieces of any number.
export const typed = form => new Blob([JSON.stringify(Object.fromEntries(new FormData(form)))]);
export const clear = form => form?.reset();
