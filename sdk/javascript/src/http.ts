import { isNode, newTraceId, onAbort, sleep, timer, utf8 } from './environment.js';
import { APIConnectionError, APIError, APITimeoutError, BadRequestError, LLMEvalError, PayloadTooLargeError } from './errors.js';
import { signWebhook } from './webhooks.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpOptions {
  baseUrl: string;
  apiKey?: string | undefined;
  webhookSecret?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** Of one attempt. */
  timeoutMs: number;
  maxRetries: number;
  gzip: boolean;
  fetch?: Fetch | undefined;
  /** Hears one line about each attempt: never a key, never a body. */
  log?: ((line: string) => void) | undefined;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  path: string;
  query?: URLSearchParams;
  /** JSON. */
  body?: string;
  /** `always`: the same request twice is the same as once. `undone`: only when the answer says that nothing was done. */
  retry: 'always' | 'undone' | 'never';
  signed?: boolean;
  keepalive?: boolean;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
  signal?: AbortSignal | undefined;
}

const undone = new Set([429, 503]);
const passing = new Set([408, 429, 502, 503, 504]);

/** Longer than this nobody is made to wait for another try. */
const longestWait = 60;

/** Bodies below this are not worth packing. */
const gzipFrom = 8 * 1024;

export class Http {
  // Private fields do not show when an object is logged.
  readonly #options: HttpOptions;
  readonly #headers: Record<string, string>;

  constructor(options: HttpOptions) {
    refusePassword(options.baseUrl);
    refuseOtherAddress(options.baseUrl);
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') };
    this.#headers = {
      ...options.headers,
      ...(options.apiKey && { authorization: `Bearer ${options.apiKey.trim()}` }),
    };
    for (const [name, value] of Object.entries(this.#headers)) {
      // Neither is repeated: fetch would, with the key.
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[ -~]*$/.test(value)) {
        const what = options.apiKey && name === 'authorization' ? 'apiKey' : `headers[${JSON.stringify(name)}]`;
        throw new LLMEvalError(`${what} must be text of letters, digits and signs of ASCII.`);
      }
    }
  }

  get maxRetries(): number {
    return this.#options.maxRetries;
  }

  /** Sends, tries again what may be tried again, and returns the parsed answer. */
  async request<T>(request: HttpRequest): Promise<T> {
    const messageId = `msg_${newTraceId()}`;
    const body = request.body === undefined ? undefined : await this.#encode(request.body);
    const maxRetries = request.maxRetries ?? this.#options.maxRetries;
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.#attempt(request, body, attempt, messageId)) as T;
      } catch (error) {
        const wait = attempt < maxRetries && !request.signal?.aborted ? waitBefore(error, request.retry, attempt) : undefined;
        if (wait === undefined) {
          throw error;
        }
        await sleep(wait * 1000, request.signal);
      }
    }
  }

  /** Opens an event stream. */
  async open(path: string, query: URLSearchParams, lastEventId: string | undefined, signal: AbortSignal): Promise<Response> {
    const headers = {
      ...this.#headers,
      accept: 'text/event-stream',
      ...(lastEventId && { 'last-event-id': lastEventId }),
    };
    const response = await this.#fetch(this.#url(path, query), { method: 'GET', headers, signal, redirect: 'manual', cache: 'no-store' });
    if (!response.ok) {
      throw APIError.of(await describe(response, await response.text()));
    }
    return response;
  }

  async #attempt(request: HttpRequest, body: Encoded | undefined, attempt: number, messageId: string): Promise<unknown> {
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs;
    const abort = new AbortController();
    const cancel = () => abort.abort();
    const leave = request.signal && onAbort(request.signal, cancel);
    const waiting = timer(cancel, timeoutMs);
    const started = Date.now();
    let outcome = 'no answer';
    try {
      request.signal?.throwIfAborted();
      const signature = request.signed && body ? await this.#sign(body, messageId) : undefined;
      const response = await this.#fetch(this.#url(request.path, request.query), {
        method: request.method,
        headers: { ...this.#headers, accept: 'application/json', ...body?.headers, ...signature },
        ...(body && { body: body.content }),
        ...(request.keepalive && { keepalive: true }),
        redirect: 'manual',
        signal: abort.signal,
      });
      outcome = String(response.status);
      const text = await response.text();
      return parse(response, text);
    } catch (error) {
      if (error instanceof LLMEvalError) {
        // The server's answer, or a secret that cannot sign.
        throw error;
      }
      if (request.signal?.aborted) {
        throw new LLMEvalError('The request was cancelled.', { cause: error });
      }
      throw abort.signal.aborted
        ? new APITimeoutError(`No answer from ${this.#options.baseUrl} within ${timeoutMs / 1000} s.`, { cause: error })
        : new APIConnectionError(`No connection to ${this.#options.baseUrl}: ${reason(error)}`, { cause: error });
    } finally {
      clearTimeout(waiting);
      leave?.();
      this.#options.log?.(`${request.method} ${request.path} ${outcome} ${Date.now() - started} ms, attempt ${attempt + 1}`);
    }
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    return (this.#options.fetch ?? globalThis.fetch)(url, init);
  }

  #url(path: string, query?: URLSearchParams): string {
    const text = query?.toString();
    return `${this.#options.baseUrl}${path}${text ? `?${text}` : ''}`;
  }

  async #encode(json: string): Promise<Encoded> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (!this.#options.gzip || json.length < gzipFrom || typeof CompressionStream === 'undefined') {
      return { content: utf8(json), headers };
    }
    const packed = new Blob([json]).stream().pipeThrough(new CompressionStream('gzip'));
    return {
      content: new Uint8Array(await new Response(packed).arrayBuffer()),
      headers: { ...headers, 'content-encoding': 'gzip' },
    };
  }

  // The signature is over the bytes on the wire, and each attempt has its own time. The id stays: it is the same message.
  #sign(body: Encoded, id: string): Promise<Record<string, string>> | undefined {
    return this.#options.webhookSecret ? signWebhook(body.content, this.#options.webhookSecret, { id }) : undefined;
  }
}

interface Encoded {
  content: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** Says so without repeating the address. */
function refusePassword(baseUrl: string): void {
  const authority = /^(?:[a-z][a-z\d+.-]*:[/\\]*|[/\\]{2,})?([^/\\?#]*)/i.exec(baseUrl.trim())?.[1];
  if (authority?.includes('@')) {
    throw new LLMEvalError('baseUrl must not hold a password: it is shown in errors. Use apiKey.');
  }
}

/** One without a scheme is taken as below the address of a page, which may not be known yet where a server renders it. */
function refuseOtherAddress(baseUrl: string): void {
  let scheme: string | undefined;
  try {
    scheme = new URL(baseUrl, 'http://page').protocol;
  } catch {
    // It is none.
  }
  if (scheme !== 'http:' && scheme !== 'https:') {
    throw new LLMEvalError('baseUrl must be an address with http:// or https://, as in http://localhost:8000.');
  }
}

/** Browsers would ask the server for permission to send the header first. */
export const gzipByDefault = isNode;

/** Seconds to wait before another try, or undefined when there is none. */
function waitBefore(error: unknown, retry: HttpRequest['retry'], attempt: number): number | undefined {
  if (!mayRetry(error, retry)) {
    return undefined;
  }
  const asked = error instanceof APIError ? error.retryAfter : undefined;
  if (asked !== undefined) {
    return asked <= longestWait ? asked : undefined;
  }
  return Math.min(8, 0.5 * 2 ** attempt) * (1 - 0.25 * Math.random());
}

function mayRetry(error: unknown, retry: HttpRequest['retry']): boolean {
  if (error instanceof APIError) {
    return retry === 'always' ? passing.has(error.status) : retry === 'undone' && undone.has(error.status) && !leavesOpen(error);
  }
  return retry === 'always' && error instanceof APIConnectionError;
}

/** Whether the server says that it does not know whether it did it. */
const leavesOpen = (error: APIError): boolean => (error.body as { outcome?: unknown } | null | undefined)?.outcome === 'unknown';

/** Whether the same request may go through later. */
export const isPassing = (error: unknown): boolean => mayRetry(error, 'always');

/** Whether a batch was refused for what may be the fault of one of its traces: they are too large, or one of them makes it malformed. */
export const mayBeOneOfThem = (error: unknown): boolean => error instanceof PayloadTooLargeError || error instanceof BadRequestError;

/** So many refusals as malformed in a row are hardly the fault of a few traces: what is left is tried as it is, and no longer in halves. */
const mostMalformed = 20;

/** Whether the halves of a refused batch are to be tried: one for all of its parts, which are sent one after the other. */
export class Halving {
  #malformed = 0;

  /** The server read what it was sent. */
  read(): void {
    this.#malformed = 0;
  }

  goesOn(error: unknown, count: number): boolean {
    if (error instanceof BadRequestError) {
      this.#malformed++;
    } else if (!mayBeOneOfThem(error)) {
      this.read();
    }
    return mayBeOneOfThem(error) && count > 1 && this.#malformed < mostMalformed;
  }
}

async function parse(response: Response, text: string): Promise<unknown> {
  if (response.ok) {
    try {
      return JSON.parse(text);
    } catch {
      throw new APIError({ status: response.status, message: 'The answer is not JSON. Is this the address of an LlmEval server?' });
    }
  }
  throw APIError.of(await describe(response, text));
}

async function describe(response: Response, text: string) {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = text;
  }
  const { message, detail, errors } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const said = [message, detail].find((one) => typeof one === 'string' && one !== '') as string | undefined;
  return {
    status: response.status,
    message: said ?? (response.status === 0 ? 'The server redirects, which is not followed.' : `The server answered ${response.status}.`),
    errors: Array.isArray(errors) ? errors.map(String) : [],
    requestId: response.headers.get('x-request-id') ?? undefined,
    body,
    retryAfter: retryAfter(response.headers.get('retry-after')),
  };
}

function retryAfter(header: string | null): number | undefined {
  if (!header) {
    return undefined;
  }
  const value = /^\d+(\.\d+)?$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(value) ? Math.max(0, value) : undefined;
}

// fetch itself only says that it failed; the cause says why.
function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
