using System.ComponentModel;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Caching;

/// <summary>A trace as it stood at a position of the event log.</summary>
/// <param name="Position">Every event up to this one is contained; later ones may or may not be.</param>
[ImmutableObject(true)]
internal sealed record CachedTrace(long Position, TraceDetail Detail);
