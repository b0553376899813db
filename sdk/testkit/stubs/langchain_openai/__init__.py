"""A stand-in for langchain-openai: a model that asks the provider and tells its callbacks as LangChain does, with the same arguments."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Sequence

import openai


@dataclass
class Message:
    content: Any
    type: str = "human"
    tool_calls: List[Dict[str, Any]] = field(default_factory=list)
    usage_metadata: Optional[Dict[str, int]] = None
    response_metadata: Dict[str, Any] = field(default_factory=dict)


@dataclass
class Generation:
    text: str
    message: Optional[Message] = None
    generation_info: Optional[Dict[str, Any]] = None


@dataclass
class LLMResult:
    generations: List[List[Generation]]
    llm_output: Optional[Dict[str, Any]] = None


class _Runs:
    def __init__(self, model: str = "gpt-4", callbacks: Sequence[Any] = ()) -> None:
        self.model_name = model
        self._callbacks = [*callbacks]

    def _run(
        self, begin: Callable[[Any, Dict[str, Any]], Any], ask: Callable[[], LLMResult], config: Optional[Dict[str, Any]]
    ) -> LLMResult:
        handlers = [*self._callbacks, *((config or {}).get("callbacks") or [])]
        ids = {"run_id": uuid.uuid4(), "parent_run_id": (config or {}).get("parent_run_id"), "tags": []}
        for handler in handlers:
            begin(handler, {**ids, "metadata": {}, "invocation_params": {"model_name": self.model_name}, "name": type(self).__name__})
        try:
            result = ask()
        except BaseException as error:
            for handler in handlers:
                handler.on_llm_error(error, **ids)
            raise
        for handler in handlers:
            handler.on_llm_end(result, **ids)
        return result


class OpenAI(_Runs):
    """Text in, text out."""

    def __call__(self, prompt: str) -> str:
        return self.invoke(prompt)

    def invoke(self, prompt: str, config: Optional[Dict[str, Any]] = None) -> str:
        serialized = {"id": ["langchain", "llms", "openai", "OpenAI"], "name": "OpenAI", "kwargs": {"model_name": self.model_name}}

        def ask() -> LLMResult:
            answer = openai.OpenAI().chat.completions.create(model=self.model_name, messages=[{"role": "user", "content": prompt}])
            usage = answer.usage.model_dump()
            generation = Generation(answer.choices[0].message.content, generation_info={"finish_reason": answer.choices[0].finish_reason})
            return LLMResult([[generation]], {"token_usage": usage, "model_name": answer.model})

        result = self._run(lambda handler, details: handler.on_llm_start(serialized, [prompt], **details), ask, config)
        return result.generations[0][0].text


class ChatOpenAI(_Runs):
    """Messages in, a message out."""

    tools: Optional[List[Dict[str, Any]]] = None

    def bind_tools(self, tools: List[Dict[str, Any]]) -> ChatOpenAI:
        bound = ChatOpenAI(self.model_name, self._callbacks)
        bound.tools = tools
        return bound

    def invoke(self, messages: List[Message], config: Optional[Dict[str, Any]] = None) -> Message:
        serialized = {"id": ["langchain", "chat_models", "openai", "ChatOpenAI"], "kwargs": {"model_name": self.model_name}}

        def ask() -> LLMResult:
            said = [{"role": {"human": "user"}.get(message.type, message.type), "content": message.content} for message in messages]
            more = {"tools": self.tools} if self.tools else {}
            answer = openai.OpenAI().chat.completions.create(model=self.model_name, messages=said, **more)
            choice = answer.choices[0]
            calls = [
                {"name": call.function.name, "args": json.loads(call.function.arguments), "id": call.id}
                for call in choice.message.tool_calls or []
            ]
            used = answer.usage
            usage = {"input_tokens": used.prompt_tokens, "output_tokens": used.completion_tokens, "total_tokens": used.total_tokens}
            message = Message(choice.message.content or "", "ai", calls, usage, {"finish_reason": choice.finish_reason})
            return LLMResult([[Generation(choice.message.content or "", message)]], {"token_usage": used.model_dump()})

        result = self._run(lambda handler, details: handler.on_chat_model_start(serialized, [messages], **details), ask, config)
        message = result.generations[0][0].message
        assert message is not None
        return message
