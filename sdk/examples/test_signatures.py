"""What both SDKs sign, the server takes; and what they do not sign it refuses."""

from __future__ import annotations

import json
import subprocess
from typing import Iterator

import pytest
from llm_eval_sdk import AuthenticationError, LLMEvalClient
from testkit import node
from testkit.server import ServerProcess

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "a plain secret"

SCRIPT = """
import { AuthenticationError, LLMEvalClient } from 'llm-eval-sdk';
const trace = (traceId) => ({ traceId, modelName: 'm', userQuery: 'ü', aiResponse: 'a'.repeat(5000) });
for (const [name, webhookSecret] of JSON.parse(process.env.SECRETS)) {
  const client = new LLMEvalClient({ baseUrl: process.env.SERVER, webhookSecret });
  try {
    await client.sendTrace(trace(`node-${name}`));
    await client.sendTracesBatch([trace(`node-${name}-1`), trace(`node-${name}-2`)]);
    console.log(name);
  } catch (error) {
    console.log(error instanceof AuthenticationError ? 'refused' : error);
  }
  await client.shutdown();
}
"""


@pytest.fixture(scope="module")
def signed() -> Iterator[ServerProcess]:
    with ServerProcess(WEBHOOK_SECRET=f"{NEW}, {OLD}") as running:
        yield running


def test_python(signed: ServerProcess) -> None:
    for name, secret in (("old", OLD), ("new", NEW)):
        with LLMEvalClient(signed.url, webhook_secret=secret) as client:
            traces = [
                {"trace_id": f"python-{name}-{i}", "model_name": "m", "user_query": "ü", "ai_response": "a" * 5000} for i in range(3)
            ]
            client.send_trace(**traces[0])
            client.send_traces_batch(traces[1:])
        assert [signed.trace(trace["trace_id"])["user_query"] for trace in traces] == ["ü"] * 3

    for wrong in (None, "another"):
        with LLMEvalClient(signed.url, webhook_secret=wrong) as client, pytest.raises(AuthenticationError):
            client.send_trace(trace_id="refused", model_name="m", user_query="q", ai_response="a")


def test_javascript(signed: ServerProcess) -> None:
    node.require_packages()
    folder = node.PACKAGES / ".signatures"
    folder.mkdir(exist_ok=True)
    (folder / "send.mjs").write_text(SCRIPT, "utf-8")
    secrets = [["old", OLD], ["new", NEW], ["wrong", "another"]]
    environment = {**node.node_environment(), "SERVER": signed.url, "SECRETS": json.dumps(secrets)}

    ran = subprocess.run(["node", "send.mjs"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)

    assert ran.stdout.split() == ["old", "new", "refused"], ran.stdout + ran.stderr
    assert signed.trace("node-new-2")["user_query"] == "ü"
