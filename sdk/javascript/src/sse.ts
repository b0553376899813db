/** Takes an event stream apart as the HTML standard says. Chunks may be cut anywhere; lines may be of any length. */
export class SseParser {
  /** What a reconnection has to send. */
  lastEventId: string | undefined;
  /** Milliseconds that the server asks to wait before a reconnection. */
  retry: number | undefined;

  readonly #onData: (data: string) => void;
  readonly #decoder = new TextDecoder();
  #line: string[] = [];
  #skipLineFeed = false;
  #data: string[] = [];
  #id: string | undefined;

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  push(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    let from = 0;
    if (this.#skipLineFeed && text.length > 0) {
      this.#skipLineFeed = false;
      from = text[0] === '\n' ? 1 : 0;
    }
    const end = /\r\n?|\n/g;
    end.lastIndex = from;
    for (let match = end.exec(text); match; match = end.exec(text)) {
      this.#line.push(text.slice(from, match.index));
      from = end.lastIndex;
      // A CR at the very end may be half of a CR LF.
      this.#skipLineFeed = match[0] === '\r' && from === text.length;
      const line = this.#line.join('');
      this.#line = [];
      this.#take(line);
    }
    if (from < text.length) {
      this.#line.push(text.slice(from));
    }
  }

  #take(line: string): void {
    if (line === '') {
      return this.#dispatch();
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data.push(value);
    } else if (field === 'id' && !value.includes('\0')) {
      this.#id = value;
    } else if (field === 'retry' && /^\d+$/.test(value)) {
      this.retry = Number(value);
    }
  }

  #dispatch(): void {
    if (this.#id !== undefined) {
      this.lastEventId = this.#id;
    }
    const data = this.#data;
    this.#data = [];
    if (data.length > 0) {
      this.#onData(data.join('\n'));
    }
  }
}
