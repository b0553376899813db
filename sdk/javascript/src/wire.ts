import { newTraceId } from './environment.js';
import { describeError } from './text.js';
import type { TraceInput, WireTrace } from './types.js';

/** The fields of a trace, from the name that they may have here to the one on the wire. */
const fields = new Map<string, string>();
for (const name of [
  'trace_id', 'model_name', 'user_query', 'ai_response', 'system_prompt', 'timestamp', 'functions_called', 'metadata', 'tokens_used',
  'prompt_tokens', 'completion_tokens', 'response_time_ms', 'cost', 'error', 'session_id', 'user_id', 'environment', 'parent_id', 'tags',
  'start_time', 'end_time',
]) {
  fields.set(name, name);
  fields.set(camelCase(name), name);
}

/**
 * A trace as it is sent. Only names at the top level are turned to snake_case; what lies inside metadata, parameters and results
 * stays as it is. What is not a field of a trace joins its metadata, unless that name is taken there.
 */
export function toWire(trace: TraceInput): WireTrace {
  const wire: WireTrace = { trace_id: '' };
  let others: Record<string, unknown> | undefined;
  for (const key of Object.keys(trace)) {
    const value = trace[key];
    if (value === undefined || value === null) {
      continue;
    }
    const name = fields.get(key);
    if (name !== undefined) {
      wire[name] = value;
    } else {
      (others ??= {})[key] = value;
    }
  }
  if (others) {
    wire.metadata = { ...others, ...(wire.metadata as object | undefined) };
  }
  if (wire.error instanceof Error) {
    wire.error = describeError(wire.error);
  }
  if (wire.start_time !== undefined || wire.end_time !== undefined) {
    applyTimes(wire);
  }
  if (wire.trace_id === '') {
    wire.trace_id = newTraceId();
  }
  return wire;
}

/** Turns when a call began and ended (a Date, or seconds since 1970) into its timestamp and its response time. */
function applyTimes(wire: WireTrace): void {
  const start = seconds(wire.start_time);
  const end = seconds(wire.end_time);
  delete wire.start_time;
  delete wire.end_time;
  if (start !== undefined) {
    wire.timestamp ??= timestamp(start);
    if (end !== undefined) {
      wire.response_time_ms ??= Math.max(0, Math.round((end - start) * 1e6) / 1e3);
    }
  }
}

function seconds(time: unknown): number | undefined {
  const value = time instanceof Date ? time.getTime() : time;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return undefined;
  }
  // Date.now() gives milliseconds; as seconds they would lie thousands of years ahead.
  return Math.abs(value) > 1e11 || time instanceof Date ? value / 1e3 : value;
}

/** RFC 3339 with microseconds. */
function timestamp(at: number): string {
  const micros = Math.round(at * 1e6);
  const whole = Math.floor(micros / 1e6);
  return new Date(whole * 1e3).toISOString().replace('.000Z', `.${String(micros - whole * 1e6).padStart(6, '0')}Z`);
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
