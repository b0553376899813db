"""Threads, locks and sockets do not survive a fork: what has some is told to begin anew in the child."""

from __future__ import annotations

import os
from typing import Callable, List
from weakref import WeakMethod

_renewals: List["WeakMethod[Callable[[], None]]"] = []


def in_child(renew: "WeakMethod[Callable[[], None]]") -> None:
    """Has the method called in every child of this process, for as long as its object lives."""
    _renewals[:] = [old for old in _renewals if old() is not None]
    _renewals.append(renew)


def _renew_all() -> None:
    for reference in _renewals:
        renew = reference()
        if renew is not None:
            renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
