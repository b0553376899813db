"""A chat that calls a tool, and a stream, both logged. Needs openai and OPENAI_API_KEY, or the stand-in."""

import json

import openai
from llm_eval_sdk import LLMEvalClient, observe, use_client, wrap_openai

MODEL = "gpt-4o-mini"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]

traces = LLMEvalClient(default_metadata={"example": "openai_chat"})
use_client(traces)
model = wrap_openai(openai.OpenAI())


@observe(kind="tool")
def weather(city: str) -> str:
    return f"It is sunny in {city}."


@observe(kind="agent")
def ask(question: str) -> str:
    messages = [{"role": "user", "content": question}]
    message = model.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS).choices[0].message
    if not message.tool_calls:
        return message.content
    call = message.tool_calls[0].function
    result = weather(json.loads(call.arguments)["city"])
    stream = model.chat.completions.create(
        model=MODEL,
        messages=[*messages, {"role": "user", "content": f"The tool says: {result}"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


print(ask("Paris"))
traces.shutdown()
