"""What the SDK costs the application it runs in, and how fast it delivers.

    python sdk/python/bench/capture.py [--url http://localhost:8000] [--count 10000]

Everything is measured in one run, on one core of the machine if the system can pin it: the time of each capture, the time until all captures are
delivered, and, for comparison, the plain loop that posts one trace after the other. Without --url it starts the newest build of the server.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "sdk" / "python"), str(ROOT / "sdk" / "testkit")]

import requests  # noqa: E402
from llm_eval_sdk import LLMEvalClient  # noqa: E402


def a_trace() -> dict[str, object]:
    """About 800 bytes, as in the server's own measurements."""
    return {
        "model_name": "gpt-4",
        "user_query": "What is machine learning? " * 6,
        "ai_response": "Machine learning is a subset of artificial intelligence. " * 8,
        "metadata": {"temperature": 0.7, "max_tokens": 1000, "route": "/chat"},
        "tokens_used": 245,
        "response_time_ms": 850,
        "cost": 0.0012,
    }


def captures(url: str, count: int, pause: float) -> tuple[list[float], float]:
    """Microseconds of each capture, and seconds until all were delivered."""
    client = LLMEvalClient(url, max_queue_size=count)
    times = []
    began = time.perf_counter()
    for _ in range(count):
        trace = a_trace()
        start = time.perf_counter_ns()
        client.capture(trace)
        times.append((time.perf_counter_ns() - start) / 1000)
        if pause:
            time.sleep(pause)
    if not client.flush(60):
        raise SystemExit("not delivered in a minute")
    took = time.perf_counter() - began
    if client.delivery_stats.delivered != count:
        raise SystemExit(f"lost some: {client.delivery_stats}")
    client.shutdown()
    return times, took


def plain_loop(url: str, count: int) -> float:
    """Seconds for one post after the other over one connection."""
    session = requests.Session()
    began = time.perf_counter()
    for _ in range(count):
        session.post(f"{url}/webhook/trace", json={"trace_id": str(uuid.uuid4()), **a_trace()}).raise_for_status()
    return time.perf_counter() - began


def percentile(times: list[float], part: int) -> float:
    return statistics.quantiles(times, n=100)[part - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    if options.url:
        measure(options.url, options.count)
        return
    from testkit.server import ServerProcess

    with ServerProcess() as server:
        measure(server.url, options.count)


def measure(url: str, count: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    captures(url, min(count, 1_000), 0)  # Until everything is compiled and connected.
    paced, _ = captures(url, min(count, 2_000), 0.001)
    times, took = captures(url, count, 0)
    loop = plain_loop(url, min(count, 2_000)) * count / min(count, 2_000)

    print(f"capture, one a millisecond    p50 {percentile(paced, 50):6.1f} µs   p99 {percentile(paced, 99):6.1f} µs")
    print(f"capture, as fast as it goes   p50 {percentile(times, 50):6.1f} µs   p99 {percentile(times, 99):6.1f} µs")
    print(f"{count:,} captures delivered in {took:.2f} s; posted one by one they take {loop:.2f} s: {loop / took:.1f} times as long")


if __name__ == "__main__":
    main()
