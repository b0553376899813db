#!/usr/bin/env bash
# Prints every new trace and every verdict as it comes, with curl and jq or without:  bash follow.sh
# When the connection breaks it goes on after the last event, so that nothing is missed.
set -euo pipefail
url=${LLM_EVAL_BASE_URL:-http://localhost:8000}
last=

headers=()
if [[ -n ${LLM_EVAL_API_KEY:-} ]]; then
  headers+=(-H "Authorization: Bearer $LLM_EVAL_API_KEY")
fi

show() {
  if command -v jq >/dev/null; then
    jq -r --unbuffered '[.timestamp, .event, .data.action // .data.status // "", .data.trace_id // ""] | @tsv' <<<"$1"
  else
    printf '%s\n' "$1"
  fi
}

while true; do
  resume=()
  if [[ -n $last ]]; then
    resume=(-H "Last-Event-ID: $last")
  fi
  while IFS= read -r line; do
    case $line in
      'id: '*) last=${line#id: } ;;
      'data: '*) show "${line#data: }" ;;
    esac
  done < <(curl -sN "${headers[@]}" "${resume[@]}" "$url/stream/events")
  echo "The connection broke; going on after event ${last:-0} ..." >&2
  sleep 1
done
