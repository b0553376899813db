"""Sends traces of LLM calls to LlmEval, and follows its live streams.

>>> from llm_eval_sdk import LLMEvalClient
>>> client = LLMEvalClient("http://localhost:8000")
>>> client.send_trace(model_name="gpt-4", user_query="What is AI?", ai_response="AI is …")

Explicit calls (``send_trace``) wait, retry and raise. Helpers (``capture``, ``TraceLogger``, ``observe``, ``wrap_openai``) queue, and
never raise into the application they run in.
"""

from ._api import VERSION as __version__
from ._delivery import DeliveryStats, NotDeliveredError, QueueFullError
from ._following import StopStream
from ._http import Answer, Transport
from .async_client import AsyncLLMEvalClient
from .client import LLMEvalClient
from .errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    LLMEvalError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StreamDataError,
    ValidationError,
)
from .observing import Observation, current_trace, default_client, observe, span, use_client
from .openai_wrapper import wrap_openai
from .pricing import calculate_cost
from .trace_data import TraceData, new_trace_id
from .trace_logger import TraceLogger
from .webhooks import plain_signature, sign_webhook, verify_webhook

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "Answer",
    "AsyncLLMEvalClient",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "DeliveryStats",
    "LLMEvalClient",
    "LLMEvalError",
    "NotDeliveredError",
    "NotFoundError",
    "Observation",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "QueueFullError",
    "RateLimitError",
    "ServerError",
    "StopStream",
    "StreamDataError",
    "TraceData",
    "TraceLogger",
    "Transport",
    "ValidationError",
    "__version__",
    "calculate_cost",
    "current_trace",
    "default_client",
    "new_trace_id",
    "observe",
    "plain_signature",
    "sign_webhook",
    "span",
    "use_client",
    "verify_webhook",
    "wrap_openai",
]
