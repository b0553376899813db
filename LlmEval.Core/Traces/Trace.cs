using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>A stored trace: one call of a language model, as it was reported, and where its evaluation stands.</summary>
public sealed class Trace
{
    /// <summary>The insertion number; breaks ties between equal timestamps.</summary>
    public long Id { get; set; }

    public int ProjectId { get; set; }
    public required string TraceId { get; set; }

    /// <summary>128-bit hash of the content as first sent, which tells a retry from a conflict. A PATCH leaves it alone.</summary>
    public required byte[] ContentHash { get; set; }

    public DateTime Timestamp { get; set; }
    public DateTime ReceivedAt { get; set; }
    public required string ModelName { get; set; }
    public required string UserQuery { get; set; }
    public required string AiResponse { get; set; }
    public string? SystemPrompt { get; set; }

    /// <summary>JSON array of objects, as sent.</summary>
    public string? FunctionsCalled { get; set; }

    /// <summary>JSON object, as sent, plus the unknown members of the trace.</summary>
    public string? Metadata { get; set; }

    public long? TokensUsed { get; set; }
    public long? PromptTokens { get; set; }
    public long? CompletionTokens { get; set; }
    public double? ResponseTimeMs { get; set; }

    /// <summary>US dollars, at most 12 decimal places.</summary>
    public decimal? Cost { get; set; }

    /// <summary>JSON string or object, as sent.</summary>
    public string? Error { get; set; }

    public bool HasError { get; set; }
    public string? SessionId { get; set; }
    public string? UserId { get; set; }
    public string? Environment { get; set; }
    public string? ParentId { get; set; }
    public string[]? Tags { get; set; }

    /// <summary>Of the batch it came in.</summary>
    public string? Source { get; set; }

    public string? BatchId { get; set; }
    public EvaluationStatus Status { get; set; }

    /// <summary>1 when stored; grows by one with every change.</summary>
    public int Version { get; set; }

    /// <summary>A copy to build the next state from.</summary>
    public Trace Copy() => (Trace)MemberwiseClone();
}
