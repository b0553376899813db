"""What a call cost, from its usage and a table of prices."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any, Dict, Optional

from ._text import member

_DATE = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest)$")
_MILLION = 1_000_000


def calculate_cost(usage: Any, model: str) -> Optional[float]:
    """US dollars for the tokens of an answer; None for a model whose price is not known.

    ``usage`` is what OpenAI or Anthropic return, as an object or a dict. Prices are those of ``prices.json``, which names their
    date and source; discounts for batches and surcharges for long contexts are not in them.
    """
    price = _price(model)
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    completion = _count(usage, "completion_tokens", "output_tokens")
    if price is None or (prompt is None and completion is None):
        return None
    full = price["input"]
    read_price, write_price = price.get("cached_input", full), price.get("cache_write", full)
    plain = prompt or 0
    details = member(usage, "prompt_tokens_details") or member(usage, "input_tokens_details")
    # OpenAI counts cached tokens among the prompt's, Anthropic beside them.
    cached = min(plain, _count(details, "cached_tokens") or 0)
    plain -= cached
    cached += _count(usage, "cache_read_input_tokens") or 0
    written = _count(usage, "cache_creation_input_tokens") or 0
    dollars = plain * full + cached * read_price + written * write_price + (completion or 0) * price["output"]
    return float(dollars / _MILLION)


def _count(holder: Any, *names: str) -> Optional[int]:
    for name in names:
        value = member(holder, name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


@lru_cache(maxsize=512)
def _price(model: str) -> Optional[Dict[str, float]]:
    name = str(model).lower().rsplit("/", 1)[-1]
    return _prices().get(name) or _prices().get(_DATE.sub("", name))


@lru_cache(maxsize=1)
def _prices() -> Dict[str, Dict[str, float]]:
    text = resources.files("llm_eval_sdk").joinpath("prices.json").read_text("utf-8")
    models: Dict[str, Dict[str, float]] = json.loads(text)["models"]
    return models
