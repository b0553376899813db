using System.Text;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>What of the traces page stands in its URL, with the names that the API uses: it can be shared, reloaded and gone back to.</summary>
public sealed record TracesAddress
{
    public const string Path = "traces";

    public IReadOnlyList<EvaluationStatus> Statuses { get; init; } = [];
    public IReadOnlyList<string> ModelNames { get; init; } = [];
    public string? Text { get; init; }
    public bool ErrorsOnly { get; init; }

    /// <summary>Begins the list after this place instead of at the newest trace.</summary>
    public Cursor? After { get; init; }

    /// <summary>The trace whose details are open.</summary>
    public string? TraceId { get; init; }

    public bool HasFilter => Statuses.Count > 0 || ModelNames.Count > 0 || Text is not null || ErrorsOnly;

    /// <summary>Takes what it understands: an URL typed by hand must not break the page.</summary>
    public static TracesAddress Parse(string?[]? statuses, string?[]? modelNames, string? text, string? hasError, string? after, string? traceId) => new()
    {
        Statuses = [.. Named(statuses).Select(s => EvaluationStatuses.TryParse(s, out EvaluationStatus status) ? status : (EvaluationStatus?)null).OfType<EvaluationStatus>()],
        ModelNames = [.. Named(modelNames)],
        Text = string.IsNullOrWhiteSpace(text) ? null : text.Trim(),
        ErrorsOnly = hasError is "true",
        After = Cursor.TryParse(after, out Cursor? cursor) ? cursor : null,
        TraceId = string.IsNullOrEmpty(traceId) ? null : traceId,
    };

    public TraceFilter ToFilter() => new()
    {
        Statuses = Statuses,
        ModelNames = ModelNames,
        Text = Text,
        HasError = ErrorsOnly ? true : null,
    };

    /// <summary>Whether both show the same list.</summary>
    public bool ListsTheSameAs(TracesAddress other) => (this with { TraceId = null }).ToString() == (other with { TraceId = null }).ToString();

    public TracesAddress Toggle(EvaluationStatus status) => this with
    {
        Statuses = Statuses.Contains(status) ? [.. Statuses.Where(s => s != status)] : [.. Statuses.Append(status).Order()],
        After = null,
    };

    /// <summary>Relative to the base of the site.</summary>
    public override string ToString()
    {
        var url = new StringBuilder(Path);
        char separator = '?';
        foreach (EvaluationStatus status in Statuses)
        {
            Add("status", status.ToWire());
        }

        foreach (string model in ModelNames)
        {
            Add("model_name", model);
        }

        Add("q", Text);
        Add("has_error", ErrorsOnly ? "true" : null);
        Add("after", After?.ToString());
        Add("trace", TraceId);
        return url.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                url.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }
    }

    private static IEnumerable<string> Named(string?[]? values) => (values ?? []).OfType<string>().Where(v => v.Length > 0).Distinct();
}
