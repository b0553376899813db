using System.Globalization;
using LlmEval.Core.Primitives;
using LlmEval.Core.Search;
using LlmEval.Core.Traces;
using LlmEval.Web.Queries;
using Microsoft.OpenApi;

namespace LlmEval.Web.Traces;

/// <summary>Reads the filters and the paging of a request and collects everything that is wrong with them.</summary>
internal sealed class TraceListQuery
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 1_000;

    private const int MaxSearch = 1_000;
    private const string MetadataPrefix = "metadata.";

    public static readonly QueryParameter[] Filters =
    [
        new("status", "pending, in_review, accepted or rejected: any of those given") { IsRepeatable = true },
        new("model_name", "any of those given") { IsRepeatable = true },
        new("session_id", "equal"),
        new("user_id", "equal"),
        new("environment", "equal"),
        new("parent_id", "equal"),
        new("tag", "each of those given") { IsRepeatable = true },
        new("from", "timestamps from this one on, as 2025-01-27T12:00:00Z"),
        new("to", "timestamps before this one"),
        new("q", "full text: words, \"phrases\", -without, begin*"),
        new("min_cost", "US dollars, at least", JsonSchemaType.Number),
        new("min_response_time_ms", "at least", JsonSchemaType.Number),
        new("has_error", "whether an error was logged", JsonSchemaType.Boolean),
    ];

    public static readonly QueryParameter[] Paging =
    [
        new("limit", $"1 to {MaxLimit}, default {DefaultLimit}", JsonSchemaType.Integer),
        new("cursor", "next_cursor of the page before"),
        new("fields", "all (default), or summary, which leaves the long texts out"),
    ];

    public static readonly QueryParameter Format = new("format", "jsonl (default), csv or openai-chat");

    private readonly QueryReader _query;
    private readonly string[] _metadata;

    /// <param name="others">Parameters besides the filters that the endpoint knows.</param>
    public TraceListQuery(IQueryCollection query, params string[] others)
    {
        _query = new QueryReader(query);
        _metadata = [.. query.Keys.Where(k => k.StartsWith(MetadataPrefix, StringComparison.Ordinal))];
        _query.FaultUnknown(query.Keys.Except(_metadata), [.. others, .. Filters.Select(f => f.Name)], " and metadata.KEY");
    }

    public IReadOnlyList<string> Faults => _query.Faults;

    public int Limit() => _query.WholeNumber("limit", DefaultLimit, least: 1, most: MaxLimit);

    public Cursor? After()
    {
        if (_query.Text("cursor") is not { } text)
        {
            return null;
        }

        if (!Cursor.TryParse(text, out Cursor? cursor))
        {
            _query.Fault("cursor", "is not one that this server gave out; take next_cursor as it is, or leave it out to begin");
        }

        return cursor;
    }

    public string Choice(string name, string byDefault, params string[] choices)
    {
        string value = _query.Text(name) ?? byDefault;
        if (!choices.Contains(value))
        {
            _query.Fault(name, $"must be one of {string.Join(", ", choices)}");
        }

        return value;
    }

    public TraceFilter Filter() => new()
    {
        Statuses = [.. _query.Statuses("status").Distinct()],
        ModelNames = [.. _query.Texts("model_name").Distinct()],
        SessionId = _query.Text("session_id"),
        UserId = _query.Text("user_id"),
        Environment = _query.Text("environment"),
        ParentId = _query.Text("parent_id"),
        Tags = _query.Texts("tag"),
        From = Time("from"),
        To = Time("to"),
        Text = Search(),
        MinCost = _query.Value<decimal>(
            "min_cost",
            text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal d) && d >= 0 ? d : null,
            "must be a number, at least 0"),
        MinResponseTimeMs = _query.Value<double>(
            "min_response_time_ms",
            text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && d >= 0 && double.IsFinite(d) ? d : null,
            "must be a number, at least 0"),
        HasError = _query.Value<bool>("has_error", text => text switch { "true" => true, "false" => false, _ => null }, "must be true or false"),
        Metadata = [.. _metadata.Select(key => KeyValuePair.Create(key[MetadataPrefix.Length..], _query.Text(key) ?? ""))],
    };

    private string? Search()
    {
        if (_query.Text("q", MaxSearch)?.Trim() is not { Length: > 0 } text)
        {
            return null;
        }

        if (!SearchSyntax.HasWords(text))
        {
            _query.Fault("q", "has no word to search for");
        }

        return text;
    }

    /// <summary>The parameters that <see cref="Filter"/> reads as this filter.</summary>
    public static IEnumerable<(string Name, string Value)> Write(TraceFilter filter)
    {
        foreach ((string name, string? value) in All(filter))
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (name, value);
            }
        }
    }

    private static IEnumerable<(string Name, string? Value)> All(TraceFilter filter)
    {
        foreach (EvaluationStatus status in filter.Statuses)
        {
            yield return ("status", status.ToWire());
        }

        foreach (string model in filter.ModelNames)
        {
            yield return ("model_name", model);
        }

        yield return ("session_id", filter.SessionId);
        yield return ("user_id", filter.UserId);
        yield return ("environment", filter.Environment);
        yield return ("parent_id", filter.ParentId);
        foreach (string tag in filter.Tags)
        {
            yield return ("tag", tag);
        }

        yield return ("from", Text(filter.From));
        yield return ("to", Text(filter.To));
        yield return ("q", filter.Text);
        yield return ("min_cost", filter.MinCost?.ToString(CultureInfo.InvariantCulture));
        yield return ("min_response_time_ms", filter.MinResponseTimeMs?.ToString(CultureInfo.InvariantCulture));
        yield return ("has_error", filter.HasError switch { true => "true", false => "false", null => null });
        foreach ((string key, string value) in filter.Metadata)
        {
            yield return (MetadataPrefix + key, value);
        }
    }

    private static string? Text(DateTime? utc) => utc?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private DateTime? Time(string name) => _query.Value<DateTime>(
        name,
        QueryReader.ParseTime,
        "must be a time of the years 2 to 9998, as in 2025-01-27T12:00:00Z (a + before an offset is written %2B)");
}
