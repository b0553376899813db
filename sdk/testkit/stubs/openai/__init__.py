"""A stand-in for the openai package 1.x: chat completions and responses, plain and streamed, for threads and asyncio."""

from __future__ import annotations

import functools
import json
import os
from typing import Any, AsyncIterator, Callable, Dict, Iterator, Mapping, Optional

import aiohttp
import requests


class OpenAIError(Exception):
    pass


class APIConnectionError(OpenAIError):
    pass


class APIStatusError(OpenAIError):
    def __init__(self, status_code: int, body: Any) -> None:
        super().__init__(f"Error code: {status_code} - {body}")
        self.status_code = status_code
        self.body = body


class RateLimitError(APIStatusError):
    pass


class InternalServerError(APIStatusError):
    pass


class Model:
    """An answer: attributes as in the real models, where optional members that are absent read as None."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _model(self._members.get(name))

    def model_dump(self) -> Dict[str, Any]:
        return dict(self._members)

    @property
    def output_text(self) -> str:
        return "".join(part["text"] for item in self._members["output"] if item["type"] == "message" for part in item["content"])


def _model(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Model(value)
    return [_model(item) for item in value] if isinstance(value, list) else value


def _raise_for(status: int, text: str) -> None:
    if status >= 400:
        kind = RateLimitError if status == 429 else InternalServerError if status >= 500 else APIStatusError
        raise kind(status, text)


def _chunk(line: str) -> Optional[Model]:
    data = line[6:] if line.startswith("data: ") else ""
    return None if data in ("", "[DONE]") else Model(json.loads(data))


class Stream:
    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self._chunks = self._read()

    def _read(self) -> Iterator[Model]:
        try:
            for line in self.response.iter_lines(decode_unicode=True):
                chunk = _chunk(line)
                if chunk is not None:
                    yield chunk
        except requests.RequestException as error:
            raise APIConnectionError("Connection error.") from error
        finally:
            self.response.close()

    def __iter__(self) -> Iterator[Model]:
        return self

    def __next__(self) -> Model:
        return next(self._chunks)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._chunks.close()  # type: ignore[attr-defined]
        self.response.close()


class AsyncStream:
    def __init__(self, response: aiohttp.ClientResponse, session: aiohttp.ClientSession) -> None:
        self.response = response
        self._session = session
        self._chunks = self._read()

    async def _read(self) -> AsyncIterator[Model]:
        try:
            async for line in self.response.content:
                chunk = _chunk(line.decode().rstrip("\n"))
                if chunk is not None:
                    yield chunk
        except aiohttp.ClientError as error:
            raise APIConnectionError("Connection error.") from error
        finally:
            await self.close()

    def __aiter__(self) -> AsyncIterator[Model]:
        return self

    async def __anext__(self) -> Model:
        return await self._chunks.__anext__()

    async def __aenter__(self) -> AsyncStream:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def close(self) -> None:
        self.response.close()
        await self._session.close()


def _settings(api_key: Optional[str], base_url: Optional[str]) -> Dict[str, str]:
    key = api_key or os.environ.get("OPENAI_API_KEY")
    if not key:
        raise OpenAIError("The api_key client option must be set either by passing api_key to the client or by setting OPENAI_API_KEY")
    return {"key": key, "url": (base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1").rstrip("/")}


class _Resource:
    def __init__(self, settings: Dict[str, str], path: str) -> None:
        self._url = settings["url"] + path
        self._headers = {"Authorization": f"Bearer {settings['key']}"}

    def create(self, *, extra_headers: Optional[Mapping[str, str]] = None, **body: Any) -> Any:
        try:
            response = requests.post(
                self._url, json=body, headers={**self._headers, **(extra_headers or {})}, stream=bool(body.get("stream")), timeout=30
            )
        except requests.RequestException as error:
            raise APIConnectionError("Connection error.") from error
        _raise_for(response.status_code, response.text if response.status_code >= 400 else "")
        if (extra_headers or {}).get("X-Stainless-Raw-Response"):
            return response
        return Stream(response) if body.get("stream") else Model(response.json())


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return checked


class _AsyncResource(_Resource):
    # As in the real package, what is called is no coroutine function, but has one inside.
    @_checked
    async def create(self, *, extra_headers: Optional[Mapping[str, str]] = None, **body: Any) -> Any:
        session = aiohttp.ClientSession(headers={**self._headers, **(extra_headers or {})})
        try:
            response = await session.post(self._url, json=body)
            _raise_for(response.status, await response.text() if response.status >= 400 else "")
            if body.get("stream"):
                return AsyncStream(response, session)
            answer = Model(await response.json())
        except aiohttp.ClientError as error:
            await session.close()
            raise APIConnectionError("Connection error.") from error
        except BaseException:
            await session.close()
            raise
        await session.close()
        return answer


class _Chat:
    def __init__(self, completions: _Resource) -> None:
        self.completions = completions


class OpenAI:
    def __init__(self, *, api_key: Optional[str] = None, base_url: Optional[str] = None) -> None:
        settings = _settings(api_key, base_url)
        self.chat = _Chat(_Resource(settings, "/chat/completions"))
        self.responses = _Resource(settings, "/responses")


class AsyncOpenAI:
    def __init__(self, *, api_key: Optional[str] = None, base_url: Optional[str] = None) -> None:
        settings = _settings(api_key, base_url)
        self.chat = _Chat(_AsyncResource(settings, "/chat/completions"))
        self.responses = _AsyncResource(settings, "/responses")


class _ModuleChat:
    @property
    def completions(self) -> _Resource:
        return OpenAI().chat.completions


# openai.chat.completions.create(…) uses a client made from the environment.
chat = _ModuleChat()
