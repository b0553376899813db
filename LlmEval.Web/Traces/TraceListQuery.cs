using System.Globalization;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Traces;

/// <summary>Reads the filters and the paging of a request and collects everything that is wrong with them.</summary>
internal sealed class TraceListQuery
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 1_000;

    private const int MaxText = 256;
    private const int MaxSearch = 1_000;
    private const int MaxValues = 64;
    private const string MetadataPrefix = "metadata.";

    private static readonly string[] FilterNames =
    [
        "status", "model_name", "session_id", "user_id", "environment", "parent_id", "tag", "from", "to", "q", "min_cost",
        "min_response_time_ms", "has_error",
    ];

    private readonly IQueryCollection _query;
    private readonly List<string> _faults = [];

    /// <param name="others">Parameters besides the filters that the endpoint knows.</param>
    public TraceListQuery(IQueryCollection query, params string[] others)
    {
        _query = query;

        // A misspelt filter that is passed over would answer with more than was asked for.
        foreach (string name in query.Keys.Where(k => !k.StartsWith(MetadataPrefix, StringComparison.Ordinal) && !FilterNames.Contains(k) && !others.Contains(k)))
        {
            _faults.Add($"{Cut(name)}: is not a parameter; known are {string.Join(", ", [.. others, .. FilterNames])} and metadata.KEY");
        }
    }

    public IReadOnlyList<string> Faults => _faults;

    public int Limit() => Read<int>("limit", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= MaxLimit ? n : null,
        $"must be a whole number from 1 to {MaxLimit}") ?? DefaultLimit;

    public Cursor? After()
    {
        if (Text("cursor") is not { } text)
        {
            return null;
        }

        if (!Cursor.TryParse(text, out Cursor? cursor))
        {
            _faults.Add("cursor: is not one that this server gave out; take next_cursor as it is, or leave it out to begin");
        }

        return cursor;
    }

    public string Choice(string name, string byDefault, params string[] choices)
    {
        string value = Text(name) ?? byDefault;
        if (!choices.Contains(value))
        {
            _faults.Add($"{name}: must be one of {string.Join(", ", choices)}");
        }

        return value;
    }

    public TraceFilter Filter() => new()
    {
        Statuses = Statuses(),
        ModelNames = Values("model_name"),
        SessionId = Text("session_id"),
        UserId = Text("user_id"),
        Environment = Text("environment"),
        ParentId = Text("parent_id"),
        Tags = Values("tag"),
        From = Time("from"),
        To = Time("to"),
        Text = Text("q", MaxSearch),
        MinCost = Read<decimal>("min_cost", text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal d) && d >= 0 ? d : null, "must be a number, at least 0"),
        MinResponseTimeMs = Read<double>("min_response_time_ms", text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && d >= 0 && double.IsFinite(d) ? d : null, "must be a number, at least 0"),
        HasError = Read<bool>("has_error", text => text switch { "true" => true, "false" => false, _ => (bool?)null }, "must be true or false"),
        Metadata = [.. _query.Keys.Where(k => k.StartsWith(MetadataPrefix, StringComparison.Ordinal)).Select(k => KeyValuePair.Create(k[MetadataPrefix.Length..], Text(k) ?? ""))],
    };

    private List<EvaluationStatus> Statuses()
    {
        var statuses = new List<EvaluationStatus>();
        foreach (string value in Values("status"))
        {
            if (EvaluationStatuses.TryParse(value, out EvaluationStatus status))
            {
                statuses.Add(status);
            }
            else
            {
                _faults.Add($"status: must be one of {string.Join(", ", EvaluationStatuses.All)}");
            }
        }

        return statuses;
    }

    private DateTime? Time(string name) => Read<DateTime>(
        name,
        text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && at.Year is > 1 and < 9999
            ? at.UtcDateTime
            : null,
        "must be a time as in 2025-01-27T12:00:00Z (a + before an offset is written %2B)");

    private T? Read<T>(string name, Func<string, T?> parse, string rule)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        T? value = parse(text);
        if (value is null)
        {
            _faults.Add($"{name}: {rule}");
        }

        return value;
    }

    private string? Text(string name, int most = MaxText)
    {
        string[] values = Values(name, most);
        if (values.Length > 1)
        {
            _faults.Add($"{Cut(name)}: may be given once");
        }

        return values.FirstOrDefault();
    }

    private string[] Values(string name, int most = MaxText)
    {
        StringValues given = _query[name];
        string[] values = [.. given.Where(v => !string.IsNullOrEmpty(v)).Select(v => v!)];
        if (values.Length > MaxValues || values.Any(v => v.Length > most))
        {
            _faults.Add($"{Cut(name)}: may be given up to {MaxValues} times with up to {most} characters each");
        }

        return values.Any(v => v.Contains('\0')) ? [.. values.Select(v => v.Replace('\0', '\uFFFD'))] : values;
    }

    private static string Cut(string name) => name.Length <= 100 ? name : name[..100] + "…";
}
