namespace LlmEval.Core.Ingestion;

/// <summary>What became of one trace.</summary>
public enum IngestOutcome : byte
{
    /// <summary>Committed by this request.</summary>
    Stored,

    /// <summary>The same content was there before: a retry.</summary>
    AlreadyStored,

    /// <summary>Another content is stored under this id; it is untouched.</summary>
    Conflict,

    /// <summary>The database cannot hold a value of it.</summary>
    Refused,
}

/// <summary>Why nothing could be said about a request's traces. The same request again is always safe.</summary>
public enum IngestFailure : byte
{
    None,

    /// <summary>The intake holds as much as it may.</summary>
    Full,

    /// <summary>The database is away.</summary>
    Unavailable,
}

/// <summary>The answer to one submission, given after the commit that holds its traces.</summary>
/// <param name="Failure">When not <see cref="IngestFailure.None"/>, the lists are empty.</param>
/// <param name="Outcomes">By position in the submission.</param>
/// <param name="Refusals">By position: for <see cref="IngestOutcome.Refused"/> why; empty when nothing was refused.</param>
public sealed record IngestReceipt(IngestFailure Failure, IReadOnlyList<IngestOutcome> Outcomes, IReadOnlyList<string?> Refusals);
