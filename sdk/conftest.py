from __future__ import annotations

from typing import Iterator

import pytest
from testkit.server import ServerProcess


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """A real server for tests that make their own ids; a test that counts starts one of its own."""
    with ServerProcess() as running:
        yield running
