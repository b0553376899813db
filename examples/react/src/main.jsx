// The newest traces and the figures, live:  npm start, then open http://localhost:5173
import React from 'react';
import { createRoot } from 'react-dom/client';
import { useLiveMetrics, useTraceStream } from 'llm-eval-sdk/react';

const baseUrl = import.meta.env.VITE_LLM_EVAL_BASE_URL ?? 'http://localhost:8000';

function Figures() {
  const { metrics, connected } = useLiveMetrics({ baseUrl, interval: 1 });
  if (!metrics) {
    return <p role="status">{connected ? 'Reading the figures …' : `Connecting to ${baseUrl} …`}</p>;
  }
  return (
    <dl>
      <div><dt>Traces</dt><dd>{metrics.total_traces}</dd></div>
      <div><dt>Acceptance rate</dt><dd>{metrics.acceptance_rate} %</dd></div>
      <div><dt>Average response time</dt><dd>{Math.round(metrics.avg_response_time)} ms</dd></div>
    </dl>
  );
}

function Traces() {
  const { traces, error } = useTraceStream({ baseUrl, limit: 20 });
  return (
    <section>
      <h2>Newest traces</h2>
      {error && <p role="alert">{error.message}{error.willRetry && ' Trying again …'}</p>}
      {traces.length === 0 ? <p>None yet. Send one, and it appears here.</p> : (
        <ul>
          {traces.map((trace) => (
            <li key={trace.trace_id}><b>{trace.model_name}</b> {trace.user_query} <span>{trace.ai_response}</span></li>
          ))}
        </ul>
      )}
    </section>
  );
}

createRoot(document.getElementById('app')).render(
  <React.StrictMode>
    <h1>LlmEval, live</h1>
    <Figures />
    <Traces />
  </React.StrictMode>,
);
