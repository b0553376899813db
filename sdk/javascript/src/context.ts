import { newContext } from '#platform';

/** The observed call that is running. */
export interface CurrentTrace {
  readonly traceId: string;
  readonly name: string;
  /** Joins the trace's metadata. */
  readonly metadata: Record<string, unknown>;
}

const context = newContext<CurrentTrace>();

/** The innermost observed call around this one; undefined outside of one, and in browsers, which cannot tell. */
export function currentTrace(): CurrentTrace | undefined {
  return context?.getStore();
}

export function runAs<R>(trace: CurrentTrace, run: () => R): R {
  return context ? context.run(trace, run) : run();
}
