"""The cases that every SDK and the server share: see sdk/contract."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading
import time
import uuid
from typing import Any, Callable, Dict, Tuple

import llm_eval_sdk
import pytest
import requests
from llm_eval_sdk import AsyncLLMEvalClient, LLMEvalClient, calculate_cost, plain_signature, sign_webhook, verify_webhook
from llm_eval_sdk._following import Following
from testkit.repository import ROOT, contract
from testkit.scripted import ScriptedServer, stored
from testkit.server import ServerProcess

FAILURES = contract("failures.json")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def cases(name: str) -> Any:
    return pytest.mark.parametrize("case", contract(name)["cases"], ids=lambda case: case["name"])


def call_sync(url: str, options: Dict[str, Any], name: str, given: Dict[str, Any]) -> Any:
    with LLMEvalClient(url, **options) as client:
        return getattr(client, name)(**given)


def call_async(url: str, options: Dict[str, Any], name: str, given: Dict[str, Any]) -> Any:
    async def run() -> Any:
        async with AsyncLLMEvalClient(url, **options) as client:
            result = getattr(client, name)(**given)
            return result if name == "capture" else await result

    return asyncio.run(run())


both = pytest.mark.parametrize("call", [call_sync, call_async], ids=["threads", "asyncio"])


def filled(value: Any) -> Any:
    """Puts in what a case only names."""
    if value in ("$trace", "$stored"):
        return FAILURES[value[1:]]
    return {name: filled(item) for name, item in value.items()} if isinstance(value, dict) else value


def matches(expected: Any, actual: Any) -> bool:
    if expected == "$uuid":
        return isinstance(actual, str) and UUID.fullmatch(actual) is not None
    if expected == "$time":
        return isinstance(actual, str) and TIME.fullmatch(actual) is not None
    if expected == "$source":
        return bool(actual == "python_sdk")
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(matches(expected[name], actual[name]) for name in expected)
        )
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(map(matches, expected, actual))
    return bool(expected == actual and isinstance(expected, bool) == isinstance(actual, bool))


@both
@cases("requests.json")
def test_a_call_makes_this_request(case: Dict[str, Any], call: Callable[..., Any]) -> None:
    expected = case["request"]
    answers = {"get_traces": {"status": 200, "body": {"items": [], "next_cursor": None}}}
    reads = {"status": 200, "body": {"success": True}}

    with ScriptedServer(
        otherwise=lambda request: stored(request) if "webhook" in request.path and request.raw else answers.get(case["call"], reads)
    ) as server:
        call(server.url, case.get("client", {}), case["call"], case["input"])

    (request,) = server.received
    assert (request.method, request.path, request.query) == (expected["method"], expected["path"], expected.get("query", {}))
    for name, value in expected.get("headers", {}).items():
        assert request.headers.get(name) == value
    if "body" in expected:
        assert matches(expected["body"], request.json), request.json
    else:
        assert request.raw == b""


STORED_BY_BOTH = [
    case
    for case in contract("requests.json")["cases"]
    if case["call"] == "send_trace"
    and case.get("server", {}).get("status") == 200
    and "trace_id" in case["input"]
    and not {"start_time", "end_time"} & case["input"].keys()
]


@both
@pytest.mark.parametrize("case", STORED_BY_BOTH, ids=lambda case: case["name"])
def test_what_is_stored_is_what_the_server_makes_of_the_same_fields(
    case: Dict[str, Any], call: Callable[..., Any], server: ServerProcess
) -> None:
    raw, sent = (f"{kind}-{uuid.uuid4()}" for kind in ("raw", "sent"))
    requests.post(f"{server.url}/webhook/trace", json={**case["input"], "trace_id": raw}, timeout=10).raise_for_status()
    call(server.url, {}, "send_trace", {**case["input"], "trace_id": sent})

    own = {"trace_id", "received_at", *(["timestamp"] if "timestamp" not in case["input"] else [])}
    expected, actual = ({name: value for name, value in server.trace(one).items() if name not in own} for one in (raw, sent))
    assert actual == expected


def import_sync(url: str, lines: bytes, **options: Any) -> Any:
    return call_sync(url, options, "import_lines", {"lines": lines})


def import_async(url: str, lines: bytes, **options: Any) -> Any:
    return call_async(url, options, "import_lines", {"lines": lines})


both_import = pytest.mark.parametrize("load", [import_sync, import_async], ids=["threads", "asyncio"])


@both_import
def test_lines_are_imported(load: Callable[..., Any], server: ServerProcess) -> None:
    prefix = uuid.uuid4()
    trace = {"model_name": "m", "user_query": "q" * 1_000, "ai_response": "a"}
    lines = [json.dumps({**trace, "trace_id": f"{prefix}-{i}"}) for i in range(1_200)]
    lines[7] = "{broken"
    body = "\n".join(lines).encode()

    # Plain, this is more than aiohttp would write at once without a warning.
    answer = load(server.url, body, gzip=False)
    again = load(server.url, body)

    assert (answer["imported"], answer["already_there"], answer["failed"]) == (1_199, 0, 1)
    assert [error["line"] for error in answer["errors"]] == [8]
    assert (again["imported"], again["already_there"], again["failed"]) == (0, 1_199, 1)


@both_import
def test_an_import_is_tried_again_and_its_refusal_raised(load: Callable[..., Any]) -> None:
    lines = b'{"trace_id": "t"}\n' * 1_000
    answers: Any = [{"status": 503, "headers": {"retry-after": "0"}}, {"status": 401, "body": {"message": "A key is needed"}}]
    with ScriptedServer(answers) as scripted, pytest.raises(llm_eval_sdk.AuthenticationError):
        load(scripted.url, lines)

    made = [(request.method, request.path, request.unpacked) for request in scripted.received]
    assert made == [("POST", "/api/traces/import", lines)] * 2
    assert {request.headers["content-type"] for request in scripted.received} == {"application/x-ndjson"}
    assert {request.headers["content-encoding"] for request in scripted.received} == {"gzip"}


def test_an_import_does_not_hold_up_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    packing = threading.Event()
    went_on = threading.Event()
    pack = gzip.compress

    def slow_pack(*arguments: Any, **more: Any) -> bytes:
        packing.set()
        assert went_on.wait(10)
        return pack(*arguments, **more)

    async def run(url: str) -> Any:
        async with AsyncLLMEvalClient(url) as client:
            answer = asyncio.ensure_future(client.import_lines(b"{}\n" * 10_000))
            while not packing.is_set():
                await asyncio.sleep(0.001)
            went_on.set()
            return await answer

    monkeypatch.setattr("llm_eval_sdk._api.gzip.compress", slow_pack)
    with ScriptedServer([{"status": 200, "body": {"imported": 1}}]) as scripted:
        assert asyncio.run(run(scripted.url)) == {"imported": 1}


def test_the_asyncio_client_has_every_method() -> None:
    def public(client: type) -> set[str]:
        return {name for name in dir(client) if not name.startswith("_")}

    assert public(LLMEvalClient) <= public(AsyncLLMEvalClient)


@both
@cases("failures.json")
def test_a_failure_ends_like_this(case: Dict[str, Any], call: Callable[..., Any]) -> None:
    expect = filled(case["expect"])
    started = time.monotonic()
    error: Any = None
    result: Any = None

    with ScriptedServer([filled(answer) for answer in case["answers"]]) as server:
        try:
            result = call(server.url, case.get("client", {}), case["call"], filled(case["input"]))
        except llm_eval_sdk.LLMEvalError as raised:
            error = raised
    took = time.monotonic() - started

    assert not server.answers and not server.surplus
    assert len({request.raw for request in server.received}) == 1, "all attempts carry the same body"
    assert took >= expect.get("at_least_seconds", 0)
    if "returns" in expect:
        assert error is None and {name: result[name] for name in expect["returns"]} == expect["returns"]
    else:
        assert type(error) is getattr(llm_eval_sdk, expect["raises"])
        for name in ("status", "message", "errors", "retry_after"):
            if name in expect:
                assert getattr(error, name) == expect[name]


@both
@cases("batches.json")
def test_a_batch_is_cut_and_put_together(case: Dict[str, Any], call: Callable[..., Any]) -> None:
    traces = [{"trace_id": f"t-{i}", "model_name": "gpt-4", "user_query": "q", "ai_response": "a"} for i in range(case["count"])]
    result: Any = None
    error: Any = None

    with ScriptedServer(case["answers"]) as server:
        try:
            result = call(server.url, {}, "send_traces_batch", {"traces": traces})
        except llm_eval_sdk.APIError as raised:
            error = raised

    sent = [[trace["trace_id"] for trace in request.json["traces"]] for request in server.received]
    assert sent == [[f"t-{part['first'] + i}" for i in range(part["count"])] for part in case["requests"]]
    if "raises" in case:
        assert type(error) is getattr(llm_eval_sdk, case["raises"])
    else:
        assert error is None and {name: result[name] for name in case["returns"]} == case["returns"]


@cases("streams.json")
def test_bytes_become_events(case: Dict[str, Any]) -> None:
    problems: list[Exception] = []
    pieces = [bytes.fromhex(piece["hex"]) if isinstance(piece, dict) else piece.encode() for piece in case["pieces"]]
    for cut in (lambda data: data, lambda data: [data[i : i + 1] for i in range(len(data))]):
        problems.clear()
        following = Following("/stream/events", {}, None, problems.append)
        following.opened(200, {"content-type": "text/event-stream"}, lambda: b"")

        parts = pieces if cut(b"") == b"" else cut(b"".join(pieces))
        events = [event for part in parts for event in following.feed(part)]

        assert events == case["events"]
        assert len(problems) == case.get("bad", 0)
        assert following.headers.get("Last-Event-ID") == case.get("last_event_id")
        assert following._parser.retry_ms == case.get("retry")


@pytest.mark.parametrize("case", contract("signatures.json")["sign"], ids=lambda case: case["name"])
def test_bodies_are_signed(case: Dict[str, Any]) -> None:
    body = case["body"].encode()
    if "webhook_signature" in case:
        signed = sign_webhook(body, case["secret"], case["id"], case["timestamp"])
        assert signed == {
            "webhook-id": case["id"],
            "webhook-timestamp": str(case["timestamp"]),
            "webhook-signature": case["webhook_signature"],
        }
    else:
        assert plain_signature(body, case["secret"]) == case["x_signature_256"]


@pytest.mark.parametrize("case", contract("signatures.json")["verify"]["cases"], ids=lambda case: case["name"])
def test_signatures_are_verified(case: Dict[str, Any]) -> None:
    common = contract("signatures.json")["verify"]
    given = {name: case.get(name, common[name]) for name in ("body", "secret", "now")}

    assert verify_webhook(given["body"].encode(), case["headers"], given["secret"], now=given["now"]) is case["valid"]


@both
def test_a_secret_signs_what_is_on_the_wire(call: Callable[..., Any]) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with ScriptedServer([{"status": 503, "headers": {"retry-after": "0"}}], otherwise=stored) as server:
        call(server.url, {"webhook_secret": secret}, "send_trace", {"model_name": "m", "user_query": "q" * 10_000, "ai_response": "a"})

    assert [verify_webhook(request.raw, request.headers, secret) for request in server.received] == [True, True]
    assert len({request.headers["webhook-id"] for request in server.received}) == 1
    assert server.received[0].headers["content-encoding"] == "gzip"


@both
def test_a_verdict_is_not_sent_again_when_nobody_knows_what_became_of_it(call: Callable[..., Any]) -> None:
    unknown: Any = {"status": 503, "headers": {"retry-after": "0"}, "body": {"message": "It may be stored or not.", "outcome": "unknown"}}
    with ScriptedServer([unknown], otherwise=stored) as server:
        with pytest.raises(llm_eval_sdk.APIError) as raised:
            call(server.url, {}, "evaluate_trace", {"trace_id": "t", "status": "accepted"})

    assert len(server.received) == 1
    assert raised.value.outcome_unknown


@cases("costs.json")
def test_usage_has_a_price(case: Dict[str, Any]) -> None:
    cost = calculate_cost(case["usage"], case["model"])

    assert cost is None if case["cost"] is None else cost == pytest.approx(case["cost"], abs=1e-12)


def test_the_package_carries_the_prices_of_the_contract() -> None:
    packaged = ROOT / "sdk" / "python" / "llm_eval_sdk" / "prices.json"

    assert packaged.read_bytes() == (ROOT / "sdk" / "contract" / "prices.json").read_bytes()


def test_the_classes_of_the_contract_stand_in_their_order() -> None:
    tree: Tuple[Tuple[str, str], ...] = (
        ("APIError", "LLMEvalError"),
        ("RateLimitError", "APIError"),
        ("APITimeoutError", "APIConnectionError"),
    )

    assert all(issubclass(getattr(llm_eval_sdk, child), getattr(llm_eval_sdk, parent)) for child, parent in tree)
