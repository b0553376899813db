# The names that the Python blocks of the guide use and never define.
import time  # LangChain block
from types import SimpleNamespace

from langchain_openai import OpenAI  # LangChain block

from llm_eval_sdk import calculate_cost  # OpenAI block


def call_your_llm(prompt):  # context manager block
    time.sleep(0.05)
    return SimpleNamespace(text=f"About: {prompt}", tokens=150, cost=0.001)


# "Missing traces" block
trace_data = {"trace_id": "missing_1", "model_name": "gpt-4", "user_query": "Where is it?", "ai_response": "Here."}
