"""Follows the events with one task while another sends traces."""

import asyncio

from llm_eval_sdk import AsyncLLMEvalClient, StopStream

COUNT = 3


async def main() -> None:
    async with AsyncLLMEvalClient() as client:
        connected = asyncio.Event()
        seen = 0

        def handle(event):
            nonlocal seen
            if event["event"] == "connected":
                connected.set()
            if event["event"] == "trace_updates":
                seen += 1
                print(event["data"]["action"], event["data"]["trace_id"])
                if seen == COUNT:
                    raise StopStream

        following = asyncio.create_task(client.stream_events(handle, model_name="asyncio-example"))
        await connected.wait()
        traces = [
            {"model_name": "asyncio-example", "user_query": f"Question {number}", "ai_response": "An answer."} for number in range(COUNT)
        ]
        answer = await client.send_traces_batch(traces, source="asyncio_stream.py")
        print(answer["message"])
        await following


asyncio.run(main())
