#!/usr/bin/env bash
# Sends traces, judges one and reads the figures, with nothing but curl:  bash send.sh
set -euo pipefail
url=${LLM_EVAL_BASE_URL:-http://localhost:8000}
id=curl-$(date +%s)-$$

# Prints the answer, and fails with it when the server says no.
call() { curl --fail-with-body --silent --show-error "$@" && echo; }
json=(-H 'Content-Type: application/json')
if [[ -n ${LLM_EVAL_API_KEY:-} ]]; then
  json+=(-H "Authorization: Bearer $LLM_EVAL_API_KEY")
fi

echo 'One trace. Sending it again would be safe, so curl may try again by itself:'
call --retry 3 --retry-connrefused "${json[@]}" "$url/webhook/trace" -d '{
  "trace_id": "'"$id"'",
  "model_name": "gpt-4",
  "user_query": "What is the capital of France?",
  "ai_response": "Paris.",
  "tokens_used": 25,
  "response_time_ms": 850,
  "cost": 0.002
}'

echo 'Two at once:'
call --retry 3 --retry-connrefused "${json[@]}" "$url/webhook/batch" -d '{
  "source": "curl",
  "traces": [
    {"trace_id": "'"$id"'-1", "model_name": "gpt-4", "user_query": "And of Italy?", "ai_response": "Rome."},
    {"trace_id": "'"$id"'-2", "model_name": "gpt-4", "user_query": "And of Spain?", "ai_response": "Lisbon."}
  ]
}'

echo 'A verdict:'
call "${json[@]}" "$url/api/evaluations" -d '{"trace_id": "'"$id"'-2", "status": "rejected", "reason": "wrong", "corrected_response": "Madrid."}'

echo 'The figures:'
call "${json[@]}" "$url/webhook/stats"
