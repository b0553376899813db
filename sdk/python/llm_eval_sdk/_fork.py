"""Threads, locks and sockets do not survive a fork: what has some is told to begin anew in the child."""

from __future__ import annotations

import os
from typing import Any, Callable, Set, cast
from weakref import WeakMethod

# Without a lock, which a fork could leave locked: each change of a set is one step for all threads.
_renewals: Set["WeakMethod[Callable[[], None]]"] = set()


def in_child(renew: Callable[[], None]) -> None:
    """Has the method called in every child of this process, for as long as its object lives."""
    _renewals.add(WeakMethod(renew, cast(Any, _renewals.discard)))


def _renew_all() -> None:
    for reference in _renewals.copy():
        renew = reference()
        if renew is not None:
            renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
