"""A program of a user, for mypy --strict alone: it is not run."""

from __future__ import annotations

import contextlib
from typing import Any, AsyncIterator, Dict, Iterator

from llm_eval_sdk import AsyncLLMEvalClient, LLMEvalClient, StopStream, TraceData, TraceLogger, current_trace, observe, span

client = LLMEvalClient(
    "http://localhost:8000", on_error=lambda error, traces: print(error, len(traces)), before_send=lambda trace: {**trace, "user_query": ""}
)


class Agent:
    @observe(kind="tool", client=client)
    def tool(self, number: int) -> str:
        return str(number)

    @observe
    async def ask(self, number: int) -> int:
        return number

    @observe
    def pieces(self) -> Iterator[int]:
        yield 1

    @observe
    async def later_pieces(self) -> AsyncIterator[int]:
        yield 1

    @classmethod
    @observe
    def make(cls, number: int) -> int:
        return number


def use() -> str:
    with contextlib.closing(client.stream_events()) as events:
        for event in events:
            print(event["event"])
    metrics = client.stream_metrics(5)
    metrics.close()
    traces = client.iter_traces(status="pending")
    print(next(traces)["trace_id"])
    traces.close()
    with TraceLogger(client, "gpt-4") as logger:
        trace_id: str = logger.log_trace("q", "a", tokens_used=1)
    with span("block") as observation:
        observation.update(cost=1)
    current = current_trace()
    if current is not None:
        current.update(cost=1)
    return trace_id + Agent().tool(1)


async def use_asyncio() -> int:
    async with AsyncLLMEvalClient("http://localhost:8000", timeout=5) as asyncio_client:
        events = asyncio_client.events()
        async for event in events:
            print(event)
        await events.aclose()

        async def handle(event: Dict[str, Any]) -> None:
            raise StopStream

        await asyncio_client.stream_events(handle)
        await asyncio_client.send_trace(TraceData("id", "gpt-4", "q", "a"))
    return await Agent().ask(1)
