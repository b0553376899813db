"""A model of LangChain with the callback handler. Needs langchain-openai and OPENAI_API_KEY, or the stand-in."""

from langchain_openai import OpenAI
from llm_eval_sdk import LLMEvalClient
from llm_eval_sdk.langchain import EvalCallbackHandler

with LLMEvalClient() as client:
    llm = OpenAI(callbacks=[EvalCallbackHandler(client, metadata={"example": "langchain_model"})])
    print(llm.invoke("What is the capital of France?"))
