using LlmEval.Core.Events;
using LlmEval.Web.Access;
using LlmEval.Web.Queries;
using Microsoft.OpenApi;

namespace LlmEval.Web.Streaming;

/// <summary>Reads the query of a stream and collects everything that is wrong with it.</summary>
internal sealed class StreamQuery
{
    /// <summary>What an event stream is filtered by.</summary>
    public static readonly QueryParameter[] Filters =
    [
        new("model_name", "any of those given") { IsRepeatable = true },
        new("evaluation_status", "pending, in_review, accepted or rejected: any of those given") { IsRepeatable = true },
    ];

    /// <summary>What every stream takes.</summary>
    public static readonly QueryParameter[] Common =
    [
        new("client_id", "your own name for the connection"),
        .. StreamPosition.Parameters.Select(name => new QueryParameter(name, "go on after the event with this id, as with the header Last-Event-ID")),
        new(StreamTokens.Parameter, "a token of POST /api/stream-tokens"),
    ];

    public static readonly QueryParameter Limit = new("limit", "how many of the newest traces it begins with, 0 to 1000, default 10", JsonSchemaType.Integer);

    public static readonly QueryParameter Interval = new("interval", "seconds, 1 to 3600, default 5", JsonSchemaType.Integer);

    private readonly QueryReader _query;

    /// <param name="others">Parameters that the stream knows besides those of every stream.</param>
    public StreamQuery(IQueryCollection query, params QueryParameter[] others)
    {
        _query = new QueryReader(query);
        _query.FaultUnknown([.. Common, .. others]);
    }

    public IReadOnlyList<string> Faults => _query.Faults;

    /// <summary>The caller's own name for itself, or a random one.</summary>
    public string ClientId() => _query.Text("client_id") ?? $"client_{Guid.NewGuid():N}";

    public EventFilter Filter(int projectId, EventChannel? channel) => new(projectId)
    {
        Channel = channel,
        ModelNames = _query.Texts("model_name"),
        Statuses = _query.Statuses("evaluation_status"),
    };

    public int Number(string name, int byDefault, int least, int most) => _query.WholeNumber(name, byDefault, least, most);
}
