from __future__ import annotations

from typing import Iterator

import pytest
from testkit.provider import Provider, use_stubs
from testkit.server import ServerProcess

use_stubs()


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """A real server for tests that make their own ids; a test that counts starts one of its own."""
    with ServerProcess() as running:
        yield running


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """A stand-in for OpenAI."""
    with Provider() as running:
        yield running
