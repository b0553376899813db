"""What becomes of what an application hands over."""

from __future__ import annotations

import copy
import json
import math
import pickle
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Dict, List

import pytest
from llm_eval_sdk import TraceData, observe
from support import Recording, a_trace


def test_before_send_may_change_and_withhold() -> None:
    def censored(trace: Dict[str, Any]) -> Any:
        return None if trace["trace_id"] == "secret" else {**trace, "user_query": "[hidden]"}

    recording = Recording(before_send=censored)
    recording.client.capture(a_trace("secret"))
    recording.client.capture(a_trace("open"))

    assert [(trace["trace_id"], trace["user_query"]) for trace in recording.traces] == [("open", "[hidden]")]


def test_what_before_send_takes_out_stays_in_the_objects_of_the_application() -> None:
    def redact(trace: Dict[str, Any]) -> Dict[str, Any]:
        del trace["metadata"]["user"]["email"]
        return trace

    recording = Recording(before_send=redact)
    user = {"email": "a@b.example", "name": "A"}
    recording.client.capture(a_trace(metadata={"user": user}))

    assert recording.traces[0]["metadata"] == {"user": {"name": "A"}}
    assert user == {"email": "a@b.example", "name": "A"}


def test_what_before_send_fails_on_is_not_sent() -> None:
    def broken(trace: Dict[str, Any]) -> Any:
        raise KeyError("user_query")

    problems: List[Exception] = []
    recording = Recording(before_send=broken, on_error=lambda error, traces: problems.append(error))

    assert recording.client.capture(a_trace()) == "t-1"
    assert recording.traces == []
    assert recording.client.delivery_stats.dropped == 1
    assert isinstance(problems[0], KeyError)


def test_capture_never_raises_and_always_has_an_id() -> None:
    client = Recording().client

    assert client.capture(7)  # type: ignore[arg-type]
    assert client.capture()
    assert client.capture(metadata=object(), trace_id="odd") == "odd"


@dataclass
class Point:
    x: int


class Stubborn:
    def __str__(self) -> str:
        raise RuntimeError


def test_whatever_an_application_hands_over_becomes_json() -> None:
    circle: Dict[str, Any] = {}
    circle["self"] = circle
    deep: List[Any] = []
    for _ in range(500):
        deep = [deep]
    recording = Recording()
    recording.client.capture(
        a_trace(
            cost=Decimal("0.25"),
            metadata={
                "time": datetime(2025, 1, 27, 12, tzinfo=timezone(timedelta(hours=2))),
                "bytes": b"\xffab",
                "view": memoryview(b"abc"),
                "set": {1},
                "point": Point(3),
                "nan": math.nan,
                "infinity": [math.inf],
                "circle": circle,
                "deep": deep,
                "stubborn": Stubborn(),
                "surrogate": "\ud83d",
                ("tuple", 1): "key",
            },
        )
    )

    (trace,) = recording.traces
    metadata = trace["metadata"]
    assert trace["cost"] == 0.25
    assert metadata["time"] == "2025-01-27T10:00:00.000000Z"
    assert metadata["point"] == {"x": 3} and metadata["set"] == [1] and metadata["view"] == "abc"
    assert metadata["nan"] is None and metadata["infinity"] == [None]
    assert metadata["circle"] == {"self": "…"}
    assert metadata["stubborn"] == "<Stubborn>"
    assert metadata["surrogate"] == "\ud83d" and metadata["('tuple', 1)"] == "key"


def test_keys_that_are_written_alike_are_all_kept() -> None:
    @dataclass
    class Held:
        counts: Any

    recording = Recording()
    for odd in ({1: "a", "1": "b", 1.5: "c"}, {None: "a", "null": "b"}, {True: "a", "true": "b"}):
        recording.client.capture(a_trace(metadata={"odd": odd, "held": [Held(odd)]}))

    for odd, trace in zip(({"1_2": "a", "1": "b", "1.5": "c"}, {"None": "a", "null": "b"}, {"True": "a", "true": "b"}), recording.traces):
        assert trace["metadata"] == {"odd": odd, "held": [{"counts": odd}]}


def test_a_trace_in_which_everything_holds_everything_is_cut() -> None:
    nodes: List[Dict[str, Any]] = [{} for _ in range(8)]
    for node in nodes:
        node.update({f"to{number}": other for number, other in enumerate(nodes)})
    recording = Recording()
    recording.client.capture({"metadata": nodes[0], **a_trace(tags=["last"])})
    recording.client.capture({"metadata": {"nan": math.nan, "list": ["x" * 1_000] * 60_000}, **a_trace()})

    tangled, long = recording.traces
    assert len(json.dumps(tangled)) < 2_000_000
    assert (tangled["user_query"], tangled["ai_response"], tangled["tags"]) == ("q", "a", ["last"])
    assert len(json.dumps(long)) < 8_000_000 and long["metadata"]["list"][-1] == "…"


def test_what_stands_in_many_places_is_cut_where_it_becomes_long() -> None:
    @dataclass
    class Pair:
        left: Any
        right: Any

    pairs: Any = "end"
    lists: Any = ["end"]
    for _ in range(60):
        pairs, lists = Pair(pairs, pairs), [lists, lists]
    for shared in (pairs, lists, ["x" * 1_000_000] * 1_000, [b"x" * 1_000_000] * 1_000, [10**4_000] * 100_000):
        recording = Recording()
        recording.client.capture({"metadata": {"shared": shared}, **a_trace(tags=["last"])})

        (trace,) = recording.traces
        text = json.dumps(trace, ensure_ascii=False)
        assert len(text) < 9_000_000 and "…" in text
        assert (trace["user_query"], trace["tags"]) == ("q", ["last"])


def test_what_stands_in_a_few_places_stands_in_all_of_them() -> None:
    shared = {"name": "x" * 1_000, "list": [1, 2]}
    recording = Recording()
    recording.client.capture(a_trace(metadata={"all": [shared] * 1_000}))

    (trace,) = recording.traces
    assert trace["metadata"] == {"all": [shared] * 1_000}


def test_a_number_that_python_does_not_write_is_kept_as_text() -> None:
    number = 10**5_000
    recording = Recording()
    recording.client.capture(a_trace(metadata={"number": number, "other": 1, "keys": {number: "a", (number,): "b"}}))

    @observe(client=recording.client)
    def fail(given: int) -> None:
        raise KeyError(number)

    with pytest.raises(KeyError):
        fail(number)

    trace, failed = recording.traces
    assert trace["metadata"] == {"number": hex(number), "other": 1, "keys": {hex(number): "a", "<tuple>": "b"}}
    assert failed["user_query"] == hex(number)
    assert failed["error"] == {"type": "KeyError", "message": "<ValueError>"}


def test_what_changes_after_the_capture_does_not_change_the_trace() -> None:
    recording = Recording()
    metadata = {"list": [1]}
    recording.client.capture(a_trace(metadata=metadata))
    metadata["list"].append(2)

    assert recording.traces[0]["metadata"] == {"list": [1]}
    assert metadata == {"list": [1, 2]}


def test_a_capture_has_the_time_of_its_moment() -> None:
    recording = Recording()
    before = datetime.now(timezone.utc)
    for _ in range(3):
        recording.client.capture(a_trace())
    after = datetime.now(timezone.utc)

    times = [datetime.fromisoformat(trace["timestamp"].replace("Z", "+00:00")) for trace in recording.traces]
    assert [before, *times, after] == sorted([before, *times, after])


def test_what_holds_a_client_may_be_copied_but_not_pickled() -> None:
    recording = Recording()
    holder = {"client": recording.client, "names": ["a"]}

    assert copy.deepcopy(holder)["client"] is copy.copy(recording.client) is recording.client
    with pytest.raises(TypeError, match="LLMEvalClient cannot be pickled: .* Make one in each process"):
        pickle.dumps(holder)


def test_a_disabled_client_captures_nothing() -> None:
    recording = Recording(enabled=False)

    assert recording.client.capture(a_trace()) == "t-1"
    assert recording.traces == []


def test_default_metadata_joins_every_capture() -> None:
    recording = Recording(default_metadata={"app": "shop", "region": "eu"})
    recording.client.capture(a_trace(metadata={"region": "us"}))

    assert recording.traces[0]["metadata"] == {"app": "shop", "region": "us"}


@dataclass
class Place:
    region: str


def test_default_metadata_joins_metadata_of_any_kind() -> None:
    @dataclass
    class Facts:
        step: int

    recording = Recording(default_metadata={"app": "shop"})
    recording.client.capture(a_trace(metadata=Facts(1)))
    recording.client.capture(a_trace(metadata="a text"))

    # The second is for the server to refuse, which says why.
    assert [trace["metadata"] for trace in recording.traces] == [{"app": "shop", "step": 1}, "a text"]


def test_unknown_fields_are_kept_beside_metadata_of_any_kind() -> None:
    recording = Recording()
    recording.client.capture(a_trace(metadata=Place("eu"), custom=1))
    recording.client.capture(a_trace(metadata=MappingProxyType({"custom": 1}), custom=2))
    recording.client.capture(a_trace(metadata={1: "one"}, **{"1": "other"}))
    recording.client.capture(a_trace(metadata=MappingProxyType({"custom": 1})))

    place, proxy, number, known = recording.traces
    assert (place["metadata"], place["custom"]) == ({"region": "eu"}, 1)
    assert proxy["metadata"] == {"custom": 1, "custom_2": 2}
    assert number["metadata"] == {"1": "one", "1_2": "other"}
    assert known["metadata"] == {"custom": 1}


def test_before_send_sees_unknown_fields_in_the_metadata() -> None:
    seen: List[Any] = []

    def keep(trace: Dict[str, Any]) -> Dict[str, Any]:
        seen.append(trace["metadata"])
        return {**trace, "custom": "late"}

    recording = Recording(before_send=keep, default_metadata={"app": "shop", "custom": 0})
    recording.client.capture(a_trace(custom=1, metadata={"custom": 2}))

    assert seen == [{"app": "shop", "custom": 2, "custom_2": 1}]
    assert recording.traces[0]["metadata"] == {"app": "shop", "custom": 2, "custom_2": 1, "custom_3": "late"}


def test_a_trace_from_a_dict_keeps_every_field() -> None:
    given = a_trace(custom=1, metadata={"custom": 2})

    assert TraceData.from_dict(given).metadata == {"custom": 2, "custom_2": 1}
    assert given["metadata"] == {"custom": 2}
