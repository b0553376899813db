using System.Collections.Frozen;
using System.Text;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>The members that a trace is known to have.</summary>
internal enum TraceField : byte
{
    Unknown = 0,
    TraceId,
    ModelName,
    UserQuery,
    AiResponse,
    SystemPrompt,
    Timestamp,
    FunctionsCalled,
    Metadata,
    TokensUsed,
    PromptTokens,
    CompletionTokens,
    ResponseTimeMs,
    Cost,
    Error,
    SessionId,
    UserId,
    Environment,
    ParentId,
    Tags,
    Restored,
}

/// <summary>Their names on the wire.</summary>
internal static class TraceFields
{
    public const string TraceId = "trace_id";
    public const string ModelName = "model_name";
    public const string UserQuery = "user_query";
    public const string AiResponse = "ai_response";
    public const string SystemPrompt = "system_prompt";
    public const string Timestamp = "timestamp";
    public const string FunctionsCalled = "functions_called";
    public const string Metadata = "metadata";
    public const string TokensUsed = "tokens_used";
    public const string PromptTokens = "prompt_tokens";
    public const string CompletionTokens = "completion_tokens";
    public const string ResponseTimeMs = "response_time_ms";
    public const string Cost = "cost";
    public const string Error = "error";
    public const string SessionId = "session_id";
    public const string UserId = "user_id";
    public const string Environment = "environment";
    public const string ParentId = "parent_id";
    public const string Tags = "tags";
    public const string Restored = "_llmeval";

    private static readonly FrozenDictionary<UInt128, TraceField> ByName = new (string Name, TraceField Field)[]
    {
        (TraceId, TraceField.TraceId),
        (ModelName, TraceField.ModelName),
        (UserQuery, TraceField.UserQuery),
        (AiResponse, TraceField.AiResponse),
        (SystemPrompt, TraceField.SystemPrompt),
        (Timestamp, TraceField.Timestamp),
        (FunctionsCalled, TraceField.FunctionsCalled),
        (Metadata, TraceField.Metadata),
        (TokensUsed, TraceField.TokensUsed),
        (PromptTokens, TraceField.PromptTokens),
        (CompletionTokens, TraceField.CompletionTokens),
        (ResponseTimeMs, TraceField.ResponseTimeMs),
        (Cost, TraceField.Cost),
        (Error, TraceField.Error),
        (SessionId, TraceField.SessionId),
        (UserId, TraceField.UserId),
        (Environment, TraceField.Environment),
        (ParentId, TraceField.ParentId),
        (Tags, TraceField.Tags),
        (Restored, TraceField.Restored),
    }.ToFrozenDictionary(field => NameHash(field.Name), field => field.Field);

    /// <param name="name">See <see cref="ObjectWalk.Name"/>.</param>
    public static TraceField Of(UInt128 name) => ByName.GetValueOrDefault(name);

    public static UInt128 NameHash(string name) => CanonicalHash.Text(Encoding.UTF8.GetBytes(name));
}
