using LlmEval.Core.Events;
using LlmEval.Web.Access;
using LlmEval.Web.Queries;

namespace LlmEval.Web.Streaming;

/// <summary>Reads the query of a stream and collects everything that is wrong with it.</summary>
internal sealed class StreamQuery
{
    /// <summary>What an event stream is filtered by.</summary>
    public static readonly string[] Filters = ["model_name", "evaluation_status"];

    private readonly QueryReader _query;

    /// <param name="others">Parameters that the stream knows besides those of every stream.</param>
    public StreamQuery(IQueryCollection query, params string[] others)
    {
        _query = new QueryReader(query);
        _query.FaultUnknown(query.Keys, ["client_id", .. StreamPosition.Parameters, StreamTokens.Parameter, .. others]);
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
