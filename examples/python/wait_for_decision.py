"""Asks a person: posts a trace, waits until a webhook tells of the verdict, and goes on with it.

The server sends to private addresses only where it may: start it with LlmEval__Outbound__AllowedHosts__0=127.0.0.1
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from llm_eval_sdk import LLMEvalClient, new_trace_id

SERVER = os.environ.get("LLM_EVAL_BASE_URL", "http://localhost:8000").rstrip("/")
TOLERANCE_SECONDS = 300


def call(method: str, path: str, body: Any = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("LLM_EVAL_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(SERVER + path, data, headers, method=method), timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def is_genuine(secret: str, message_id: str, timestamp: str, signatures: str, body: bytes) -> bool:
    """As Standard Webhooks has it; its libraries do the same."""
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return any(
        hmac.compare_digest(wanted, base64.b64decode(signature.removeprefix("v1,")))
        for signature in signatures.split()
        if signature.startswith("v1,")
    )


class Verdicts(BaseHTTPRequestHandler):
    secret = ""
    waiting: "queue.Queue[Any]" = queue.Queue()
    seen: "set[str]" = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message_id = self.headers["webhook-id"]
        if is_genuine(self.secret, message_id, self.headers["webhook-timestamp"], self.headers["webhook-signature"], body):
            # The same message may come twice.
            if message_id not in self.seen:
                self.seen.add(message_id)
                self.waiting.put(json.loads(body))
            self.send_response(204)
        else:
            self.send_response(401)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


listener = HTTPServer(("127.0.0.1", 0), Verdicts)
threading.Thread(target=listener.serve_forever, daemon=True).start()
subscription = call("POST", "/api/subscriptions", {"url": f"http://127.0.0.1:{listener.server_port}/", "events": ["evaluation_updates"]})
Verdicts.secret = subscription["secret"]

try:
    trace_id = new_trace_id()
    with LLMEvalClient() as client:
        client.send_trace(
            trace_id=trace_id,
            model_name="gpt-4",
            user_query="May I refund order 1234 in full?",
            ai_response="Yes: it arrived broken.",
            metadata={"example": "wait_for_decision"},
        )
    print(f"Decide at {SERVER}/trace?trace_id={trace_id}", flush=True)
    while True:
        verdict = Verdicts.waiting.get()["data"]
        if verdict["trace_id"] == trace_id and verdict["status"] in ("accepted", "rejected"):
            print(f"{verdict['status']} by {verdict['evaluator'] or 'somebody'}:", "refunded" if verdict["status"] == "accepted" else "not refunded")
            break
finally:
    call("DELETE", f"/api/subscriptions/{subscription['id']}")
    listener.shutdown()
