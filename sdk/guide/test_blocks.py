from __future__ import annotations

import hashlib
from pathlib import Path

from blocks import GUIDE, RUN_BY, read_blocks


def test_the_guide_is_the_one_that_was_given() -> None:
    assert hashlib.sha256(GUIDE.read_bytes()).hexdigest() == "c0510c30c8c04bbed5bbd6ce99d9b4a88e9724c6adc39d9bb044b04d453e710f"


def test_no_block_is_left_out() -> None:
    blocks = read_blocks()

    assert len(blocks) == 28
    assert {block.language for block in blocks} == RUN_BY.keys()
    assert all(Path(__file__).with_name(test).exists() for test in RUN_BY.values())
