"""Small things that several tests say."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List

from llm_eval_sdk import Answer, LLMEvalClient
from testkit.scripted import Received, stored


class Recording:
    """A client whose captured traces are kept instead of sent."""

    def __init__(self, **options: Any) -> None:
        self.sent: List[Dict[str, Any]] = []
        self.client = LLMEvalClient("http://recording.invalid", transport=self, flush_interval=0.01, **options)

    def request(self, method: str, url: str, *, query: Any, headers: Any, body: Any, timeout: float) -> Answer:
        request = Received(method, url, {}, {name.lower(): value for name, value in headers.items()}, body)
        self.sent += request.json["traces"]
        return Answer(200, {}, json.dumps(stored(request)["body"]).encode())

    @property
    def traces(self) -> List[Dict[str, Any]]:
        assert self.client.flush(5)
        return self.sent


def eventually(condition: Callable[[], Any], patience: float = 5.0) -> Any:
    """Waits until something is so."""
    end = time.monotonic() + patience
    while True:
        result = condition()
        if result or time.monotonic() > end:
            assert result, "It did not come about in time."
            return result
        time.sleep(0.01)


def a_trace(trace_id: str = "t-1", **fields: Any) -> Dict[str, Any]:
    return {"trace_id": trace_id, "model_name": "gpt-4", "user_query": "q", "ai_response": "a", **fields}
