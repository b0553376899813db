using System.Globalization;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Streaming;

/// <summary>Reads the query of a stream and collects everything that is wrong with it.</summary>
internal sealed class StreamQuery(IQueryCollection query)
{
    private const int MaxText = 256;
    private const int MaxValues = 64;

    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The caller's own name for itself, or a random one.</summary>
    public string ClientId() => Text("client_id") is { Length: > 0 } given ? given : $"client_{Guid.NewGuid():N}";

    public EventFilter Filter(int projectId, EventChannel? channel) => new(projectId)
    {
        Channel = channel,
        ModelNames = Values("model_name"),
        Statuses = Statuses(),
    };

    public int Number(string name, int byDefault, int least, int most)
    {
        if (!query.TryGetValue(name, out StringValues values))
        {
            return byDefault;
        }

        if (values.Count == 1 && int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
        {
            return number;
        }

        _faults.Add($"{name}: must be a whole number from {least} to {most}");
        return byDefault;
    }

    private List<EvaluationStatus> Statuses()
    {
        var statuses = new List<EvaluationStatus>();
        foreach (string value in Values("evaluation_status"))
        {
            if (EvaluationStatuses.TryParse(value, out EvaluationStatus status))
            {
                statuses.Add(status);
            }
            else
            {
                _faults.Add($"evaluation_status: must be one of {string.Join(", ", EvaluationStatuses.All)}");
            }
        }

        return statuses;
    }

    private string? Text(string name)
    {
        string[] values = Values(name);
        if (values.Length > 1)
        {
            _faults.Add($"{name}: may be given once");
        }

        return values.FirstOrDefault();
    }

    private string[] Values(string name)
    {
        string[] values = [.. query[name].Where(v => !string.IsNullOrEmpty(v)).Select(v => v!)];
        if (values.Length > MaxValues || values.Any(v => v.Length > MaxText))
        {
            _faults.Add($"{name}: may be given up to {MaxValues} times with up to {MaxText} characters each");
        }

        return values;
    }
}
