import { sleep, timer, unref, utf8Length } from './environment.js';
import { APIError, LLMEvalError } from './errors.js';
import { host } from './host.js';
import { Halving, isPassing, type Http } from './http.js';
import type { BatchResponse } from './types.js';

export interface QueueOptions {
  source: string;
  /** Traces that make a batch go out at once. */
  flushAt: number;
  /** How long a trace waits for others. */
  flushIntervalMs: number;
  maxQueueSize: number;
  maxQueueBytes: number;
  maxBatchBytes: number;
  /** Of one request. It also holds up the end of a process, so it is short. */
  timeoutMs: number;
  /** How long a process that ends by itself is kept for what is queued. */
  exitTimeoutMs: number;
  onError: (error: Error, traceIds: string[]) => void;
}

export interface QueueStats {
  /** Waiting, or on the way. */
  queued: number;
  /** Acknowledged by the server. */
  delivered: number;
  /** Given up because the queue was full or the time was up. */
  dropped: number;
  /** Refused by the server. */
  rejected: number;
}

interface Item {
  id: string;
  json: string;
  bytes: number;
}

/** The most that one request may hold. */
const batchLimit = 100;

/** Bytes that a browser still sends while it leaves a page. */
const keepaliveLimit = 60_000;

const warnEveryMs = 60_000;

/**
 * Delivers traces in the background: in order, in batches, for as long as it takes. It is bounded in traces and in bytes; when full it
 * drops the oldest and says so.
 */
export class TraceQueue {
  readonly #http: Http;
  readonly #options: QueueOptions;
  #waiting: Item[] = [];
  #sending: Item[] = [];
  #bytes = 0;
  #delivered = 0;
  #dropped = 0;
  #rejected = 0;
  #unsaid = 0;
  #lastWarning = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loop: Promise<void> | undefined;
  /** What was handed over when the page was left. */
  readonly #leaving = new Set<Promise<void>>();
  #hurry = new AbortController();
  #stop = new AbortController();
  #closed = false;

  constructor(http: Http, options: QueueOptions) {
    this.#http = http;
    this.#options = options;
  }

  get stats(): QueueStats {
    return {
      queued: this.#waiting.length + this.#sending.length,
      delivered: this.#delivered,
      dropped: this.#dropped,
      rejected: this.#rejected,
    };
  }

  add(id: string, json: string): void {
    const item = { id, json, bytes: utf8Length(json) };
    if (this.#closed) {
      return this.#drop([item], 'The client was shut down.');
    }
    this.#waiting.push(item);
    this.#bytes += item.bytes;
    while (this.#waiting.length > 1 && (this.stats.queued > this.#options.maxQueueSize || this.#bytes > this.#options.maxQueueBytes)) {
      const oldest = this.#waiting.shift()!;
      this.#bytes -= oldest.bytes;
      this.#drop([oldest], 'The queue is full: the oldest traces are dropped.');
    }
    this.#schedule();
  }

  /**
   * Sends what is queued, and resolves when `onError` has heard what was refused. False when not all of it went out in time; it stays
   * queued.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.stats.queued === 0) {
      return true;
    }
    this.#hurry.abort();
    this.#hurry = new AbortController();
    const done = new AbortController();
    let late = false;
    const deadline = sleep(timeoutMs, done.signal).then(() => { late = true; });
    while (this.stats.queued > 0 && !late) {
      this.#run();
      await Promise.race([this.#underway(), deadline]);
    }
    done.abort();
    return this.stats.queued === 0;
  }

  /** Flushes, then ends: what could not be sent in time is dropped and reported. */
  async shutdown(timeoutMs: number): Promise<boolean> {
    this.#closed = true;
    return this.finish(timeoutMs);
  }

  /** Flushes; what is left then is dropped and reported. */
  async finish(timeoutMs = this.#options.exitTimeoutMs): Promise<boolean> {
    const all = await this.flush(timeoutMs);
    this.#stop.abort();
    await this.#underway();
    this.#clearTimer();
    this.#stop = new AbortController();
    const rest = this.#take(Infinity, Infinity);
    if (rest.length > 0) {
      this.#forget(rest);
      this.#drop(rest, 'The time was up before these traces could be sent.', true);
    }
    unwatchExit(this);
    return all;
  }

  /** At the end of a process that waits for nothing any more: all that is left is to say what is lost. */
  lose(): void {
    const lost = [...this.#sending, ...this.#waiting];
    this.#waiting = [];
    this.#forget(lost);
    this.#drop(lost, 'The process ended before these traces were sent: await client.shutdown() before process.exit().', true);
  }

  /**
   * While a page is left there is only time to hand a little over to the browser: what fits, in order, and past what does not. What does
   * not arrive is sent later, if the page comes back.
   */
  sendBeforeUnload(): void {
    const items = this.#takeFitting(batchLimit, keepaliveLimit);
    if (items.length === 0) {
      return;
    }
    const sent = this.#handOver(items).then(() => {
      this.#leaving.delete(sent);
      this.#afterwards();
    });
    this.#leaving.add(sent);
  }

  async #handOver(items: Item[]): Promise<void> {
    try {
      this.#settle(items, await this.#post(items, { keepalive: true, signal: this.#stop.signal }));
    } catch {
      this.#putBack(items);
    }
  }

  #run(): void {
    this.#clearTimer();
    this.#loop ??= this.#deliverAll().finally(() => {
      this.#loop = undefined;
      this.#afterwards();
    });
  }

  /** Until nothing is on its way any more, whatever became of it. */
  async #underway(): Promise<void> {
    await Promise.all([this.#loop, ...this.#leaving]);
  }

  /** Sees to it that what waits is sent in time. */
  #schedule(): void {
    watchExit(this);
    if (this.#waiting.length >= this.#options.flushAt) {
      this.#run();
    } else if (!this.#timer && !this.#loop) {
      this.#timer = timer(() => this.#run(), this.#options.flushIntervalMs);
      unref(this.#timer);
    }
  }

  /** After something came to its end. */
  #afterwards(): void {
    if (this.stats.queued === 0) {
      unwatchExit(this);
    } else if (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      this.#schedule();
    }
  }

  async #deliverAll(): Promise<void> {
    let failures = 0;
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const items = this.#take(batchLimit, this.#options.maxBatchBytes);
      const halving = new Halving();
      try {
        this.#settle(items, await this.#post(items, { signal: this.#stop.signal }));
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) {
          this.#putBack(items);
        } else if (halving.goesOn(error, items.length)) {
          await this.#halve(items, halving);
        } else if (isPassing(error)) {
          this.#putBack(items);
          if (failures++ === 0) {
            this.#report(error as Error, items);
          }
          await this.#backOff(error, failures);
        } else {
          this.#reject(items, error as Error);
        }
      }
    }
  }

  async #halve(items: Item[], halving: Halving): Promise<void> {
    const middle = items.length >> 1;
    for (const half of [items.slice(0, middle), items.slice(middle)]) {
      try {
        this.#settle(half, await this.#post(half, { signal: this.#stop.signal }));
        halving.read();
      } catch (error) {
        if (halving.goesOn(error, half.length)) {
          await this.#halve(half, halving);
        } else if (isPassing(error) || this.#stop.signal.aborted) {
          this.#putBack(half);
        } else {
          this.#reject(half, error as Error);
        }
      }
    }
  }

  // A timer that nobody waits for lets the process end; its end then flushes.
  async #backOff(error: unknown, failures: number): Promise<void> {
    const asked = error instanceof APIError ? error.retryAfter : undefined;
    const seconds = asked ?? Math.min(30, 0.5 * 2 ** (failures - 1)) * (1 - 0.25 * Math.random());
    const wake = this.#hurry.signal;
    const stop = this.#stop.signal;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        wake.removeEventListener('abort', done);
        stop.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(seconds, 60) * 1000);
      unref(timer);
      wake.addEventListener('abort', done, { once: true });
      stop.addEventListener('abort', done, { once: true });
    });
  }

  #post(items: Item[], how: { keepalive?: boolean; signal?: AbortSignal }): Promise<BatchResponse> {
    const traces = items.map((item) => item.json).join(',');
    return this.#http.request<BatchResponse>({
      method: 'POST',
      path: '/webhook/batch',
      body: `{"traces":[${traces}],"source":${JSON.stringify(this.#options.source)}}`,
      signed: true,
      retry: 'never',
      timeoutMs: this.#options.timeoutMs,
      ...how,
    });
  }

  #take(most: number, mostBytes: number): Item[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < most) {
      bytes += this.#waiting[count]!.bytes;
      if (bytes > mostBytes && count > 0) {
        break;
      }
      count++;
    }
    const items = this.#waiting.splice(0, count);
    this.#sending.push(...items);
    return items;
  }

  #takeFitting(most: number, mostBytes: number): Item[] {
    const items: Item[] = [];
    const others: Item[] = [];
    let bytes = 0;
    for (const item of this.#waiting) {
      // With the comma before the next.
      const fits = items.length < most && bytes + item.bytes + 1 <= mostBytes;
      (fits ? items : others).push(item);
      bytes += fits ? item.bytes + 1 : 0;
    }
    this.#waiting = others;
    this.#sending.push(...items);
    return items;
  }

  #putBack(items: Item[]): void {
    this.#forget(items, true);
    this.#waiting.unshift(...items);
  }

  #forget(items: Item[], kept = false): void {
    const gone = new Set(items);
    this.#sending = this.#sending.filter((item) => !gone.has(item));
    if (!kept) {
      for (const item of items) {
        this.#bytes -= item.bytes;
      }
    }
  }

  #settle(items: Item[], answer: BatchResponse): void {
    this.#forget(items);
    const errors = answer.errors ?? [];
    const refused = new Set(errors.map((error) => Number(/^traces\[(\d+)\]/.exec(error)?.[1])).filter((index) => index < items.length));
    this.#delivered += items.length - refused.size;
    this.#rejected += refused.size;
    if (refused.size > 0) {
      const message = `The server refused ${refused.size} of ${items.length} traces: ${errors.slice(0, 3).join('; ')}`;
      this.#report(new LLMEvalError(message), items.filter((_, index) => refused.has(index)));
    }
  }

  #reject(items: Item[], error: Error): void {
    this.#forget(items);
    this.#rejected += items.length;
    this.#report(error, items);
  }

  /** @param always Although something was said a moment ago: there is no later for these. */
  #drop(items: Item[], reason: string, always = this.#closed): void {
    this.#dropped += items.length;
    this.#unsaid += items.length;
    const now = Date.now();
    if (now - this.#lastWarning < warnEveryMs && !always) {
      return;
    }
    this.#lastWarning = now;
    this.#report(new LLMEvalError(`${reason} Dropped since the last word: ${this.#unsaid}.`), items);
    this.#unsaid = 0;
  }

  #report(error: Error, items: Item[]): void {
    try {
      this.#options.onError(error, items.map((item) => item.id));
    } catch {
      // The host's own handler failed; there is nobody left to tell.
    }
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

// Queues with something in them, and the one listener that they share. With none there is no listener.
const watched = new Set<TraceQueue>();

function watchExit(queue: TraceQueue): void {
  if (watched.has(queue)) {
    return;
  }
  watched.add(queue);
  if (watched.size === 1) {
    host?.on?.('beforeExit', finishAll);
    host?.on?.('exit', loseAll);
    globalThis.addEventListener?.('pagehide', sendAllBeforeUnload);
  }
}

function unwatchExit(queue: TraceQueue): void {
  if (watched.delete(queue) && watched.size === 0) {
    host?.off?.('beforeExit', finishAll);
    host?.off?.('exit', loseAll);
    globalThis.removeEventListener?.('pagehide', sendAllBeforeUnload);
  }
}

function finishAll(): void {
  for (const queue of watched) {
    void queue.finish();
  }
}

function loseAll(): void {
  for (const queue of watched) {
    queue.lose();
  }
}

function sendAllBeforeUnload(): void {
  for (const queue of watched) {
    queue.sendBeforeUnload();
  }
}
