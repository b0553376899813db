/** Any JSON value. Other values are turned into one when a trace is sent. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface FunctionCall {
  name: string;
  parameters?: unknown;
  result?: unknown;
  error?: unknown;
  /** Milliseconds. */
  duration_ms?: number;
  [key: string]: unknown;
}

interface CamelCaseTrace {
  /** Made up when left out. */
  traceId?: string;
  modelName?: string;
  userQuery?: string;
  aiResponse?: string;
  systemPrompt?: string | null;
  timestamp?: string | Date;
  functionsCalled?: FunctionCall[] | null;
  metadata?: Record<string, unknown> | null;
  tokensUsed?: number;
  promptTokens?: number;
  completionTokens?: number;
  responseTimeMs?: number;
  /** US dollars. */
  cost?: number | null;
  error?: unknown;
  sessionId?: string;
  userId?: string;
  environment?: string;
  parentId?: string;
  tags?: string[];
}

interface SnakeCaseTrace {
  trace_id?: string;
  model_name?: string;
  user_query?: string;
  ai_response?: string;
  system_prompt?: string | null;
  functions_called?: FunctionCall[] | null;
  tokens_used?: number;
  prompt_tokens?: number;
  completion_tokens?: number;
  response_time_ms?: number;
  session_id?: string;
  user_id?: string;
  parent_id?: string;
}

/** A trace as you write it: camelCase or snake_case. Names that the server does not know join `metadata`, as `name_2` if one is taken. */
export type TraceInput = CamelCaseTrace & SnakeCaseTrace & { [key: string]: unknown };

/** A trace with the names it has on the wire, as `beforeSend` sees it. */
export type WireTrace = { trace_id: string; [key: string]: unknown };

export interface WebhookResponse {
  success: boolean;
  message: string;
  trace_ids: string[];
}

export interface BatchResponse extends WebhookResponse {
  processed_count: number;
  errors: string[] | null;
}

export interface Evaluation {
  status: EvaluationStatus;
  previous_status: EvaluationStatus;
  version: number;
  created_at: string;
  evaluator?: string | null;
  reason?: string | null;
  notes?: string | null;
  tags?: string[] | null;
  corrected_response?: string | null;
}

export type EvaluationStatus = 'pending' | 'in_review' | 'accepted' | 'rejected';

/** A stored trace, as the server answers. */
export interface Trace {
  trace_id: string;
  timestamp: string;
  model_name: string;
  user_query: string;
  ai_response: string;
  evaluation_status: EvaluationStatus;
  version: number;
  received_at: string;
  has_error: boolean;
  evaluations?: Evaluation[];
  [key: string]: unknown;
}

export interface EvaluationInput {
  traceId: string;
  status: EvaluationStatus;
  reason?: string;
  notes?: string;
  tags?: string[];
  correctedResponse?: string;
  evaluator?: string;
  /** Refuses the verdict (409) when the trace has changed since this version. */
  expectedVersion?: number;
}

export interface EvaluationResponse {
  success: boolean;
  message: string;
  trace_id: string;
  status: EvaluationStatus;
  version: number;
  evaluation: Evaluation;
}

export interface Stats {
  total_traces: number;
  today_traces: number;
  pending_evaluation: number;
  timestamp: string;
}

export interface Health {
  status: string;
  timestamp: string;
  endpoints: string[];
  components: Record<string, string>;
}

export interface TraceFilter {
  limit?: number;
  cursor?: string;
  status?: EvaluationStatus | EvaluationStatus[];
  modelName?: string | string[];
  sessionId?: string;
  userId?: string;
  environment?: string;
  parentId?: string;
  tag?: string | string[];
  from?: string | Date;
  to?: string | Date;
  /** Full text: words, "phrases", -without, begin*. */
  q?: string;
  minCost?: number;
  minResponseTimeMs?: number;
  hasError?: boolean;
  /** Keys of the trace's metadata and the values that they must have. */
  metadata?: Record<string, string>;
}

/** What a stream sends. `data` keeps the names of the wire. */
export interface StreamEvent<Data = any> {
  event:
    | 'connected' | 'trace_updates' | 'evaluation_updates' | 'system_updates' | 'initial_traces' | 'metrics_update' | 'stream_reset'
    | (string & {});
  data: Data;
  timestamp: string;
}

export interface Metrics {
  total_traces: number;
  accepted_traces: number;
  rejected_traces: number;
  pending_traces: number;
  avg_response_time: number;
  total_cost: number;
  today_traces: number;
  /** Percent of the judged traces. */
  acceptance_rate: number;
}

export interface TraceSummary {
  trace_id: string;
  timestamp: string;
  model_name: string;
  evaluation_status: EvaluationStatus;
  version: number;
  /** The first 100 characters. */
  user_query: string;
  ai_response: string;
  tokens_used: number | null;
  response_time_ms: number | null;
  cost: number | null;
  has_error: boolean;
  session_id: string | null;
  tags: string[] | null;
}
