"""Sends traces, judges one, reads it back."""

from llm_eval_sdk import LLMEvalClient, TraceLogger, ValidationError, new_trace_id

with LLMEvalClient() as client:
    print(client.health_check()["status"])

    trace_id = new_trace_id()
    client.send_trace(
        trace_id=trace_id,
        model_name="gpt-4",
        user_query="What is the capital of France?",
        ai_response="Paris.",
        tokens_used=12,
        cost=0.0003,
        metadata={"example": "plain"},
    )
    client.evaluate_trace(trace_id, "accepted", notes="short and right")
    trace = client.get_trace(trace_id)
    print(trace["evaluation_status"], "-", trace["ai_response"])

    try:
        client.send_trace(model_name="gpt-4", user_query="?", ai_response="!", cost=-1)
    except ValidationError as error:
        print("refused:", *error.errors)

    # In an application: nothing here waits or raises.
    with TraceLogger(client, "gpt-4", metadata={"example": "plain"}) as logger:
        answer = "42"
        logger.log_trace(user_query="What is the answer?", ai_response=answer)
