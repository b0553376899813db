import type { LLMEvalClient } from './client.js';
import type { TraceInput } from './types.js';

/** The part of Express' request that is used. */
interface RequestLike {
  body?: any;
  method: string;
  path: string;
  baseUrl?: string;
  user?: { id?: unknown };
}

/** The part of Express' response that is used. */
interface ResponseLike {
  statusCode: number;
  send: (body?: any) => any;
  json: (body?: any) => any;
}

export interface ExpressOptions<Request extends RequestLike = RequestLike> {
  /**
   * What to log of an answer; undefined for nothing. By default an answer with `llm_response` is logged with `query` and `model` of the
   * request's body, unless that says `track_llm: false`.
   */
  extract?: (request: Request, answer: any) => TraceInput | undefined;
  /** Where the request names no model. */
  modelName?: string;
}

/**
 * Logs answers of a model that pass through an Express app, whether they are sent with `res.json` or `res.send`. Use it after the body
 * parser. Requests without a body pass; nothing here throws or waits.
 */
export function expressMiddleware<Request extends RequestLike = RequestLike>(
  client: Pick<LLMEvalClient, 'capture'>,
  options: ExpressOptions<Request> = {},
): (request: any, response: any, next: (error?: any) => void) => void {
  const extract = options.extract ?? ((request, answer) => answerOf(request, answer, options.modelName));
  return (request: Request, response: ResponseLike, next) => {
    const startedAt = new Date();
    const started = performance.now();
    let seen = false;
    // send calls json for an object, and json calls send with its text: the first of them has the object.
    const look = (body: unknown): void => {
      if (seen || typeof body !== 'object' || body === null) {
        return;
      }
      seen = true;
      try {
        const trace = extract(request, body);
        if (trace) {
          const { metadata, ...fields } = trace;
          client.capture({
            timestamp: startedAt,
            ...(trace.response_time_ms === undefined && { responseTimeMs: Math.round((performance.now() - started) * 1_000) / 1_000 }),
            ...fields,
            metadata: {
              endpoint: (request.baseUrl ?? '') + request.path,
              method: request.method,
              status: response.statusCode,
              ...metadata,
            },
          });
        }
      } catch {
        // Watching must never hurt what is watched.
      }
    };
    for (const name of ['send', 'json'] as const) {
      const original = response[name];
      response[name] = function (this: unknown, ...args: [body?: any]) {
        look(args[0]);
        return original.apply(this, args);
      };
    }
    next();
  };
}

function answerOf(request: RequestLike, answer: any, modelName = 'unknown'): TraceInput | undefined {
  const asked = request.body ?? {};
  if (answer.llm_response === undefined || asked.track_llm === false) {
    return undefined;
  }
  const user = request.user?.id;
  return {
    modelName: String(asked.model ?? modelName),
    userQuery: String(asked.query ?? ''),
    aiResponse: String(answer.llm_response),
    ...(user !== undefined && user !== null && { userId: String(user) }),
  };
}
