from __future__ import annotations

from typing import Any


class BaseCallbackHandler:
    raise_error = False

    def on_llm_start(self, serialized: Any, prompts: Any, **kwargs: Any) -> Any:
        ...

    def on_llm_new_token(self, token: str, **kwargs: Any) -> Any:
        ...

    def on_llm_end(self, response: Any, **kwargs: Any) -> Any:
        ...

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> Any:
        ...

    def on_chain_start(self, serialized: Any, inputs: Any, **kwargs: Any) -> Any:
        ...

    def on_chain_end(self, outputs: Any, **kwargs: Any) -> Any:
        ...

    def on_chain_error(self, error: BaseException, **kwargs: Any) -> Any:
        ...

    def on_tool_start(self, serialized: Any, input_str: str, **kwargs: Any) -> Any:
        ...

    def on_tool_end(self, output: Any, **kwargs: Any) -> Any:
        ...

    def on_tool_error(self, error: BaseException, **kwargs: Any) -> Any:
        ...

    def on_chat_model_start(self, serialized: Any, messages: Any, **kwargs: Any) -> Any:
        raise NotImplementedError
