"""A server that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Optional, Union
from urllib.parse import parse_qs, urlsplit

Script = Union[Dict[str, Any], str]


@dataclass
class Received:
    method: str
    path: str
    query: Dict[str, str]
    headers: Dict[str, str]
    raw: bytes = field(repr=False)

    @property
    def unpacked(self) -> bytes:
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw

    @property
    def json(self) -> Any:
        return json.loads(self.unpacked)


def stored(request: Received) -> Dict[str, Any]:
    """What a server answers that stores everything."""
    body = request.json
    if "traces" not in body:
        return {
            "status": 200,
            "body": {"success": True, "message": "Trace received and processed successfully", "trace_ids": [body["trace_id"]]},
        }
    ids = [trace["trace_id"] for trace in body["traces"]]
    message = f"Processed {len(ids)} of {len(ids)} traces"
    return {"status": 200, "body": {"success": True, "message": message, "processed_count": len(ids), "errors": None, "trace_ids": ids}}


class ScriptedServer:
    """Answers with ``answers`` one after the other; then with ``otherwise``, where that is given."""

    def __init__(self, answers: Optional[List[Script]] = None, otherwise: Optional[Callable[[Received], Dict[str, Any]]] = None) -> None:
        self.answers: List[Script] = [*(answers or [])]
        self.otherwise = otherwise
        self.received: List[Received] = []
        self.surplus = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                pass

            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.command, parts.path, query, headers, self.rfile.read(length))
                script.play(self, request)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def play(self, handler: BaseHTTPRequestHandler, request: Received) -> None:
        with self._lock:
            self.received.append(request)
            answer: Optional[Script] = self.answers.pop(0) if self.answers else None
        if answer is None and self.otherwise is not None:
            answer = self.otherwise(request)
        if answer == "all":
            answer = stored(request)
        if answer is None or isinstance(answer, str):
            self.surplus += 1
            answer = {"status": 599, "body": "nothing more was expected"}
        if answer.get("fault") == "reset":
            # Closing with no time to linger sends a reset.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if answer.get("fault") == "silence":
            self.closing.wait(30)
            handler.close_connection = True
            return
        if "delay" in answer:
            time.sleep(answer["delay"])
        pieces = answer.get("pieces")
        body = answer.get("body", "")
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(answer["status"])
        headers = {"content-type": "application/json" if not isinstance(body, str) else "text/html", **answer.get("headers", {})}
        for name, value in headers.items():
            handler.send_header(name, value)
        if pieces is None:
            handler.send_header("content-length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
            return
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            chunk = bytes.fromhex(piece["hex"]) if isinstance(piece, dict) else piece.encode()
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            handler.wfile.flush()
        if answer.get("then") == "silence":
            self.closing.wait(30)
        elif answer.get("then") == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
        else:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
