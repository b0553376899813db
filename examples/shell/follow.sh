#!/usr/bin/env bash
# Prints every new trace and every verdict as it comes, with curl and jq or without:  bash follow.sh
# When the connection breaks it goes on after the last event, so that nothing is missed.
set -euo pipefail
url=${LLM_EVAL_BASE_URL:-http://localhost:8000}
last=
# Before what curl itself writes: no event holds this character, and a line may have been cut off before it.
mark=$'\036'

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

# The bash of macOS takes an empty array for a variable that is not set.
follow() {
  curl -sN --fail --write-out "$mark%{http_code}\n" ${headers[@]+"${headers[@]}"} ${last:+-H "Last-Event-ID: $last"} "$url/stream/events"
}

while true; do
  status=000 id='' data=''
  while IFS= read -r line; do
    case $line in
      *"$mark"*) status=${line##*"$mark"} ;;
      'id: '*) id=${line#id: } ;;
      'data: '*) data=${line#data: } ;;
      '')
        # Only now the event is whole: one that the connection broke off in is asked for again.
        [[ -z $data ]] || show "$data"
        last=${id:-$last} data=''
        ;;
    esac
  done < <(follow)
  pause=1
  case $status in
    000 | 200) echo "The connection broke; going on after event ${last:-0} ..." >&2 ;;
    429 | 5??)
      echo "The server answered $status; trying again after event ${last:-0} ..." >&2
      ((status != 429)) || pause=5
      ;;
    401 | 403)
      echo "The server answered $status: set LLM_EVAL_API_KEY to a key that may read." >&2
      exit 1
      ;;
    *)
      echo "The server answered $status to $url/stream/events." >&2
      exit 1
      ;;
  esac
  sleep "$pause"
done
