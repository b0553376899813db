"""A network that fails: passes connections on to a server and breaks some of them."""

from __future__ import annotations

import select
import socket
import struct
import threading
from typing import List


class ResettingProxy:
    """Resets every nth connection: in turn before anything was passed on, and after the request was, so that the answer is lost."""

    def __init__(self, port: int, every: int) -> None:
        self._target = port
        self._every = every
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: List[socket.socket] = []
        self.connections = 0
        self.resets = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            threading.Thread(target=self._pass_on, args=(client, self.connections), daemon=True).start()

    def _pass_on(self, client: socket.socket, number: int) -> None:
        broken = number % self._every == 0
        if broken and number % (2 * self._every) == 0:
            self._reset(client)
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        self._open.append(server)
        if broken:
            self._lose_answer(client, server)
            return
        threading.Thread(target=self._copy, args=(client, server), daemon=True).start()
        self._copy(server, client)

    def _lose_answer(self, client: socket.socket, server: socket.socket) -> None:
        """The request goes through, what is answered does not. One thread alone: a socket that another one reads cannot be reset."""
        while True:
            readable, _, _ = select.select([client, server], [], [], 30)
            if client not in readable:
                break
            data = client.recv(65_536)
            if not data:
                break
            server.sendall(data)
        self._reset(client)

    def _reset(self, connection: socket.socket) -> None:
        self.resets += 1
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while True:
                data = source.recv(65_536)
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass
        for connection in (source, target):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self) -> ResettingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        for connection in [self._listener, *self._open]:
            connection.close()
