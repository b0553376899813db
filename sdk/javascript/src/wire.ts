import { newTraceId } from './environment.js';
import { describeError, toJson } from './text.js';
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
 * stays as it is. What is not a field of a trace joins its metadata, as `name_2` where its name is taken there.
 */
export function toWire(trace: TraceInput): WireTrace {
  if (typeof trace !== 'object' || (trace as unknown) === null) {
    throw new TypeError(`A trace is an object, such as { traceId, modelName, userQuery, aiResponse }; this is ${trace === null ? 'null' : typeof trace}.`);
  }
  const wire: WireTrace = { trace_id: '' };
  const unknown: Member[] = [];
  for (const key of Object.keys(trace)) {
    const value = trace[key];
    const name = fields.get(key);
    if (name === undefined) {
      if (value !== undefined) {
        unknown.push([key, value]);
      }
    } else if (value !== undefined && value !== null) {
      wire[name] = value;
    }
  }
  if (wire.error instanceof Error) {
    wire.error = describeError(wire.error);
  }
  if (wire.metadata instanceof Map) {
    wire.metadata = Object.fromEntries(wire.metadata);
  }
  if (wire.start_time !== undefined || wire.end_time !== undefined) {
    unknown.push(...applyTimes(wire));
  }
  if (unknown.length > 0) {
    joinUnknown(wire, unknown);
  }
  if (wire.trace_id === '') {
    wire.trace_id = newTraceId();
  }
  // A row's number: what is returned as the id is what the server knows the trace by.
  if (['number', 'bigint'].includes(typeof wire.trace_id)) {
    wire.trace_id = String(wire.trace_id);
  }
  return wire;
}

type Member = [name: string, value: unknown];

/** Moves what the server has no field for into the metadata, by the server's own rule: there, beforeSend can see it. */
function joinUnknown(wire: WireTrace, unknown: Member[]): void {
  const metadata = wire.metadata ?? {};
  if (!isPlain(metadata)) {
    // Metadata that becomes an object only as JSON: the server joins the two.
    setAll(wire, unknown);
    return;
  }
  const taken = new Set(Object.keys(metadata).filter((name) => metadata[name] !== undefined));
  const joined = { ...metadata };
  setAll(joined, unknown.map(([name, value]) => [freeName(name, taken), value]));
  wire.metadata = joined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}

/** Metadata with the members of another below it. What becomes no object even as JSON stays as it is: the server says what is wrong with it. */
export function joinMetadata(defaults: Record<string, unknown>, given: unknown): unknown {
  const metadata: unknown = given === undefined || isPlain(given) ? given : JSON.parse(toJson(given));
  return metadata === undefined || isPlain(metadata) ? { ...defaults, ...metadata } : given;
}

function setAll(object: object, members: Member[]): void {
  for (const [name, value] of members) {
    // An assignment to __proto__ would set no member.
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    free = `${name}_${number}`;
  }
  taken.add(free);
  return free;
}

/**
 * Turns when a call began and ended (a Date, or seconds since 1970) into its timestamp and its response time, where these are not given.
 * @returns Those that gave nothing. They join the metadata like any other field that the server does not know.
 */
function applyTimes(wire: WireTrace): Member[] {
  const { start_time: startTime, end_time: endTime } = wire;
  delete wire.start_time;
  delete wire.end_time;
  const start = seconds(startTime);
  const end = seconds(endTime);
  const isBegin = start !== undefined && wire.timestamp === undefined;
  const isSpan = start !== undefined && end !== undefined && end >= start && wire.response_time_ms === undefined;
  if (isBegin) {
    wire.timestamp = timestamp(start);
  }
  if (isSpan) {
    wire.response_time_ms = Math.round((end - start) * 1e6) / 1e3;
  }
  const unused: Member[] = [];
  if (startTime !== undefined && !isBegin && !isSpan) {
    unused.push(['start_time', startTime]);
  }
  if (endTime !== undefined && !isSpan) {
    unused.push(['end_time', endTime]);
  }
  return unused;
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
