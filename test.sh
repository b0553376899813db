#!/usr/bin/env bash
# Builds everything and runs every test, on SQLite and on a private PostgreSQL that lives as long as this script.
# Ends with the line "N passed, N failed, N skipped"; exits with 0 only when something passed and nothing failed.
# shellcheck disable=SC2317 # functions that only a trap or run_step calls
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

usage() {
  cat <<'HELP'
Usage: ./test.sh [--no-e2e] [--no-install] [--filter TEXT]

  --no-e2e        leave out the tests in a browser (LlmEval.E2E)
  --no-install    never install a missing package; say what is missing
  --filter TEXT   run only tests whose full name contains TEXT

A missing PostgreSQL, Redis, Chromium, nginx or Python skips the tests that need it, visibly; with CI=true they fail.
LLMEVAL_TEST_POSTGRES (postgresql://user:password@host:port/database), when set, is used instead of a private server; the user
must be allowed to create databases.
HELP
}

e2e=yes
install=yes
filter=
while (($#)); do
  case $1 in
    --no-e2e) e2e=no ;;
    --no-install) install=no ;;
    --filter) filter=${2:?"--filter needs a text"}; shift ;;
    --filter=*) filter=${1#*=} ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

scratch=
child=
lanes=()
pg_bin=
pg_dir=
python=
missing=()
policy=
as_root=()
unformatted=
passed=0
failed=0
skipped=0

say() { printf '%s\n' "$*"; }

finish() {
  say
  say "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0)) && exit 0
  exit 1
}

give_up() {
  say "$*"
  failed=$((failed + 1))
  finish
}

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    stop_group "$child"
  fi
  local lane
  for lane in "${lanes[@]}"; do
    stop_group "$lane"
  done
  remove_policy
  if [[ -n $scratch ]]; then
    if [[ -f $pg_dir/data/postmaster.pid ]]; then
      unprivileged "$pg_bin/pg_ctl" -D "$pg_dir/data" -m immediate -w stop >/dev/null 2>&1
    fi
    rm -rf "$scratch" ${pg_dir:+"$pg_dir"}
  fi
  exit "$code"
}

# Every step is a job with its own process group (set -m), so that one signal reaches all that it started.
stop_group() {
  kill -TERM -- "-$1" 2>/dev/null || return 0
  local i
  for i in {1..100}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    ((i < 100)) && sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
set -m

# Waits as a job rather than in the foreground: bash then handles a signal at once, not after the step.
run_step() {
  "$@" &
  child=$!
  wait "$child"
  local code=$?
  child=
  return "$code"
}

quietly() { "$@" >"$scratch/step.log" 2>&1; }

shown() {
  "$@" 2>&1 | tee "$scratch/step.log"
}

# Beside what comes next.
lane() { # NAME COMMAND...: what it says goes to NAME.log
  "${@:2}" >"$scratch/$1.log" 2>&1 &
  lanes+=("$!")
}

# The code that the next lane ended with.
ended() {
  wait "${lanes[0]}"
  code=$?
  lanes=("${lanes[@]:1}")
}

# PostgreSQL refuses to run as root.
unprivileged() {
  if ((EUID != 0)); then
    "$@"
  elif id postgres >/dev/null 2>&1; then
    (cd / && runuser -u postgres -- "$@")
  else
    (cd / && runuser -u nobody -- "$@")
  fi
}

# --- What the tests need ---------------------------------------------------------------------------------------------

find_postgres() {
  local candidate version
  for candidate in "$(command -v initdb)" "$(pg_config --bindir 2>/dev/null)/initdb" \
    /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb; do
    [[ -x $candidate ]] || continue
    version=$("$candidate" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    if ((${version:-0} >= 15)); then
      pg_bin=$(dirname "$(readlink -f "$candidate")")
      return 0
    fi
  done
  return 1
}

# A Python that has what the tests of the SDK need.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 "$(command -v python3)"; do
    [[ -x $candidate ]] || continue
    "$candidate" -c 'import requests, aiohttp, pytest, mypy' 2>/dev/null && python=$candidate && return 0
  done
  return 1
}

find_chromium() {
  [[ -n ${CHROMIUM_PATH:-} ]] && return 0
  command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable
}

# Without a window of its own it leaves the tests more of the processor; not every distribution has it.
chromium_package() {
  if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    echo chromium-headless-shell
  else
    echo chromium
  fi
}

list_missing() {
  missing=()
  [[ -n ${LLMEVAL_TEST_POSTGRES:-} ]] || find_postgres || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [[ $e2e == no ]] || find_chromium >/dev/null || missing+=("$(chromium_package)")
  [[ $e2e == no || -x /usr/sbin/nginx ]] || missing+=(nginx)
  command -v curl >/dev/null || missing+=(curl)
  command -v sqlite3 >/dev/null || missing+=(sqlite3)
  find_python || missing+=(python3-requests python3-aiohttp python3-pytest mypy)
}

# Left behind it would keep every server that is installed later from starting.
remove_policy() {
  if [[ -n $policy ]]; then
    "${as_root[@]}" rm -f "$policy"
    policy=
  fi
}

install_missing() {
  ((EUID == 0)) || as_root=(sudo -n)
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    say "Missing and not mine to install here: ${missing[*]}. On Debian or Ubuntu: sudo apt-get install ${missing[*]}"
    return
  fi

  say "Installing ${missing[*]} ..."
  # The packages would start servers of their own; the tests start private ones.
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null && "${as_root[@]}" chmod 755 "$policy"
  fi
  local package apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q)
  if ! run_step quietly "${apt[@]}" install --no-install-recommends "${missing[@]}"; then
    run_step quietly "${apt[@]}" update
    # One by one where one of them is unknown: Ubuntu has no Chromium, and the others are still wanted.
    run_step quietly "${apt[@]}" install --no-install-recommends "${missing[@]}" || for package in "${missing[@]}"; do
      run_step quietly "${apt[@]}" install --no-install-recommends "$package" || tail -n 20 "$scratch/step.log"
    done
  fi
  remove_policy

  list_missing
  if ((${#missing[@]})); then
    say "Could not install: ${missing[*]}"
  fi
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# In memory, where there is much of it: most tests make a database, and a disk's file system is slow with that many small files.
# What has to outlive a crash is tested by the drills, whose own PostgreSQL lies on a disk.
make_postgres_dir() {
  local room
  room=$(df --output=avail -B1M /dev/shm 2>/dev/null | tail -n 1)
  if ((${room:-0} >= 3072)) && pg_dir=$(mktemp -d /dev/shm/llmeval-test.XXXXXX 2>/dev/null); then
    chmod 711 "$pg_dir"
  else
    pg_dir=$scratch/postgres
    mkdir "$pg_dir"
  fi
}

start_postgres() {
  local dir password port attempt
  make_postgres_dir
  dir=$pg_dir
  password=$(node -p 'require("crypto").randomBytes(16).toString("hex")')
  (umask 077 && printf '%s' "$password" >"$dir/password")
  if ((EUID == 0)); then
    chown -R "$(unprivileged id -un)" "$dir"
  fi
  # A linguistic collation, as servers mostly have: text then sorts unlike it does in C#, and a test may find out.
  local locale=(--locale-provider=icu --icu-locale=en-US --locale=C.UTF-8)
  local initdb=("$pg_bin/initdb" -D "$dir/data" -E UTF8 -U llmeval -A scram-sha-256 --pwfile="$dir/password")
  if ! unprivileged "${initdb[@]}" "${locale[@]}" >"$scratch/initdb.log" 2>&1; then
    unprivileged "${initdb[@]}" >"$scratch/initdb.log" 2>&1 || { cat "$scratch/initdb.log"; return 1; }
  fi
  for attempt in 1 2 3; do
    port=$(free_port)
    if unprivileged "$pg_bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 start -o "-p $port -k $dir \
      -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=96MB -c max_wal_size=512MB" >/dev/null 2>&1; then
      export LLMEVAL_TEST_POSTGRES="postgresql://llmeval:$password@127.0.0.1:$port/postgres"
      say "$("$pg_bin/postgres" --version) on port $port"
      return 0
    fi
    say "PostgreSQL did not start (attempt $attempt):"
    tail -n 5 "$dir/log"
  done
  return 1
}

# --- The run ---------------------------------------------------------------------------------------------------------

command -v dotnet >/dev/null || give_up "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
dotnet --version >/dev/null || give_up "The .NET SDK that global.json asks for is missing: https://dotnet.microsoft.com/download"
{ command -v node && command -v npm; } >/dev/null || give_up "Node.js with npm is missing: https://nodejs.org (Debian: apt-get install nodejs npm)"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/llmeval-test.XXXXXX") || exit 1
chmod 711 "$scratch"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

list_missing
if ((${#missing[@]})); then
  if [[ $install == yes ]]; then
    install_missing
  else
    say "Missing: ${missing[*]}"
  fi
fi
[[ -n ${LLMEVAL_TEST_POSTGRES:-} || -z $pg_bin ]] || start_postgres

say "Building ..."
# No build server outlives the run.
run_step quietly dotnet build LlmEval.slnx -c Release -nologo -nodeReuse:false -p:UseSharedCompilation=false || {
  grep -E '(error|warning) ' "$scratch/step.log" | sort -u | head -n 50 || tail -n 50 "$scratch/step.log"
  give_up "The build failed."
}

# Compiling once more what is called often pays for a server that runs for hours, not for hundreds that run for seconds.
export DOTNET_TC_CallCounting=0

count() { awk -v name="$1:" '$1 == name && NF == 2 { n = $2 } END { print n + 0 }' "$scratch/step.log"; }

run_tests() { # PROJECT
  # Exit code 8, "no test ran", is judged at the end.
  local code tests_failed tests=(dotnet test -c Release --no-build --ignore-exit-code 8 --project "$1/$1.csproj")
  if [[ -n $filter ]]; then
    tests+=(--filter-method "*$filter*")
  fi
  run_step shown "${tests[@]}"
  code=$?
  tests_failed=$(count failed)
  passed=$((passed + $(count succeeded)))
  skipped=$((skipped + $(count skipped)))
  # A test program that crashed counts no failed test, but ends with another code than 0.
  ((tests_failed == 0 && code != 0)) && tests_failed=1 && say "dotnet test ended with code $code."
  failed=$((failed + tests_failed))
  cat "$scratch/step.log" >>"$scratch/dotnet.log"
}

# What is shipped is what the tests of processes run: compiled beforehand, it also starts in half of the time. It is compiled on one
# core and packages are mostly waited for: both beside tests that need neither.
lane publish dotnet publish LlmEval.Web -c Release --no-build -o "$scratch/server" -nologo -nodeReuse:false
lane prepare node sdk/javascript/test/prepare.mjs

# One test program after the other: on two cores they would only make each other late.
say "Testing ..."
run_tests LlmEval.Tests
ended
if ((code != 0)); then
  tail -n 50 "$scratch/publish.log"
  give_up "The server could not be published."
fi
export LLMEVAL_SERVER=$scratch/server/LlmEval.Web.dll
if [[ $e2e == yes ]]; then
  run_tests LlmEval.E2E
fi

# No test of it could run.
absent() {
  if [[ ${CI:-} == true || ${CI:-} == 1 ]]; then
    say "failed: $*"
    failed=$((failed + 1))
  else
    say "skipped: $*"
    skipped=$((skipped + 1))
  fi
}

# What is left waits for servers and clocks more than it computes: side by side.
say "Testing the SDKs, the guide and the examples ..."
ended
prepared=$code
if ((prepared == 0)); then
  script_tests=(node --test --test-reporter=tap)
  if [[ -n $filter ]]; then
    script_tests+=("--test-name-pattern=$filter")
  fi
  lane javascript "${script_tests[@]}" sdk/javascript/test/*.test.mjs
fi
if [[ -n $python ]]; then
  pytest=("$python" -B -m pytest -q -rfEs -c sdk/pytest.ini)
  if [[ -n $filter ]]; then
    pytest+=(-k "$filter")
  fi
  lane python "${pytest[@]}" sdk/python
  lane guide "${pytest[@]}" sdk/guide sdk/examples
fi
if [[ -z $filter ]]; then
  # Style and analysers were the build's; what is left of "dotnet format" is white space, for which nothing has to be compiled again.
  lane format dotnet format whitespace . --folder --verify-no-changes --exclude '**/obj/' '**/bin/' 'sdk/**/node_modules'
fi

if ((prepared == 0)); then
  ended
  tapped() { awk -v name="$1" '$1 == "#" && $2 == name && NF == 3 { n = $3 } END { print n + 0 }' "$scratch/javascript.log"; }
  script_failed=$(($(tapped fail) + $(tapped cancelled)))
  passed=$((passed + $(tapped pass)))
  # With a filter, what does not match it is reported as skipped.
  [[ -n $filter ]] || skipped=$((skipped + $(tapped skipped)))
  ((script_failed == 0 && code != 0)) && script_failed=1 && say "node --test ended with code $code."
  failed=$((failed + script_failed))
  ((script_failed == 0)) || grep -E -A 30 '^ *not ok' "$scratch/javascript.log" | head -n 200
  say "  JavaScript SDK: succeeded: $(tapped pass), failed: $script_failed, in $(awk '$2 == "duration_ms" && NF == 3 { printf "%.1f", $3 / 1000 }' "$scratch/javascript.log") s"
else
  tail -n 20 "$scratch/prepare.log"
  absent "the packages of the JavaScript tests could not be installed, or the SDK not be built."
fi

if [[ -n $python ]]; then
  for suite in python guide; do
    ended
    cat "$scratch/$suite.log"
    counted() { tail -n 1 "$scratch/$suite.log" | grep -oE "[0-9]+ $1" | awk '{ n += $1 } END { print n + 0 }'; }
    suite_failed=$(($(counted failed) + $(counted error)))
    passed=$((passed + $(counted passed)))
    skipped=$((skipped + $(counted skipped)))
    # 5 says that no test was chosen.
    ((suite_failed == 0 && code != 0 && code != 5)) && suite_failed=1 && say "pytest ended with code $code."
    failed=$((failed + suite_failed))
  done
else
  absent "no Python with requests, aiohttp, pytest and mypy was found."
fi

if [[ -z $filter ]]; then
  ended
  if ((code == 0)); then
    passed=$((passed + 1))
  else
    sed "s|$PWD/||" "$scratch/format.log" | head -n 50
    say "Not formatted: run 'dotnet format'."
    failed=$((failed + 1))
    unformatted="failed dotnet format --verify-no-changes"
  fi
fi

if ((failed + skipped > 0)); then
  say
  say "$unformatted"
  # "skipped Name" and, on the next line, why.
  awk '/^failed [^:]/ { print } /^skipped [^:]/ { name = $0; getline; sub(/^ +/, ""); print name ": " $0 }' "$scratch/dotnet.log" | sort -u
fi
finish
