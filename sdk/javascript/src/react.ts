import { useEffect, useState } from 'react';
import { LLMEvalStreamClient, type StreamError, type StreamFilter, type StreamOptions } from './stream.js';
import type { Metrics, StreamEvent, TraceSummary } from './types.js';

export interface LiveOptions extends Pick<StreamOptions, 'baseUrl' | 'apiKey'> {
  /** Instead of baseUrl and apiKey: a client that others use too. */
  client?: LLMEvalStreamClient;
  /** False stays unconnected. */
  enabled?: boolean;
}

export interface LiveState {
  /** Whether events come in; what is shown stays while it is false. */
  connected: boolean;
  /** The last trouble, until events come in again. */
  error: StreamError | null;
}

/** The server's figures, kept up to date. */
export function useLiveMetrics(
  options: LiveOptions & { interval?: number } = {},
): LiveState & { metrics: Metrics | null; timestamp: string | null } {
  const { interval } = options;
  const [shown, setShown] = useState<{ metrics: Metrics; timestamp: string } | null>(null);
  const state = useStream(options, [interval], (client, heard, filter) => client.streamMetrics((event) => {
    heard();
    if (event.event === 'metrics_update') {
      setShown({ metrics: event.data, timestamp: event.timestamp });
    }
  }, { ...filter, ...(interval !== undefined && { interval }) }));
  return { ...state, metrics: shown?.metrics ?? null, timestamp: shown?.timestamp ?? null };
}

export interface TraceStreamOptions extends LiveOptions, Pick<StreamFilter, 'modelName' | 'evaluationStatus'> {
  /** How many traces are kept, newest first. Default: 50. */
  limit?: number;
}

/** The newest traces, kept up to date: new ones on top, changed ones in place, deleted ones gone. */
export function useTraceStream(options: TraceStreamOptions = {}): LiveState & { traces: TraceSummary[] } {
  const { limit = 50, modelName, evaluationStatus } = options;
  const [traces, setTraces] = useState<TraceSummary[]>([]);
  const state = useStream(options, [limit, String(modelName), String(evaluationStatus)], (client, heard, filter) => client.streamTraces((event) => {
    heard();
    setTraces((shown) => applyTraceEvent(shown, event, limit));
  }, { ...filter, limit, ...(modelName !== undefined && { modelName }), ...(evaluationStatus !== undefined && { evaluationStatus }) }));
  return { ...state, traces };
}

/** What a list of traces is after an event of `/stream/traces`. */
export function applyTraceEvent(traces: TraceSummary[], { event, data }: StreamEvent, limit: number): TraceSummary[] {
  if (event === 'initial_traces') {
    return data as TraceSummary[];
  }
  if (event !== 'trace_updates') {
    return traces;
  }
  if (data.action === 'deleted_trace') {
    return traces.filter((trace) => trace.trace_id !== data.trace_id);
  }
  const at = traces.findIndex((trace) => trace.trace_id === data.trace_id);
  if (at >= 0) {
    return traces.with?.(at, data.summary) ?? traces.map((trace, index) => (index === at ? data.summary : trace));
  }
  return data.action === 'new_trace' ? [data.summary, ...traces].slice(0, limit) : traces;
}

function useStream(
  { client: given, baseUrl, apiKey, enabled = true }: LiveOptions,
  dependencies: unknown[],
  start: (client: LLMEvalStreamClient, heard: () => void, filter: StreamFilter) => () => void,
): LiveState {
  const [state, setState] = useState<LiveState>({ connected: false, error: null });
  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    const ended = new AbortController();
    const client = given ?? new LLMEvalStreamClient({ ...(baseUrl !== undefined && { baseUrl }), ...(apiKey != null && { apiKey }) });
    const heard = () => setState((old) => (old.connected ? old : { connected: true, error: null }));
    const onError = (error: StreamError) => {
      if (!ended.signal.aborted) {
        setState({ connected: false, error });
      }
    };
    const stop = start(client, heard, { signal: ended.signal, onError });
    return () => {
      ended.abort();
      stop();
      setState({ connected: false, error: null });
    };
  }, [given, baseUrl, apiKey, enabled, ...dependencies]);
  return state;
}
