using System.Text;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmEval.Web.Traces;

/// <summary>What of the traces page stands in its URL, with the names that the API uses: it can be shared, reloaded and gone back to.</summary>
public sealed record TracesAddress
{
    public const string Path = "traces";

    private const string TraceName = "trace";
    private const string AfterName = "after";
    private const string ColumnsName = "columns";
    private const string DensityName = "density";
    private const string CompactValue = "compact";

    public TraceFilter Filter { get; init; } = TraceFilter.Everything;

    /// <summary>Begins the list after this place instead of at the newest trace.</summary>
    public Cursor? After { get; init; }

    /// <summary>The trace whose details are open.</summary>
    public string? TraceId { get; init; }

    /// <summary>What is shown beside question and answer.</summary>
    public TraceColumns Columns { get; init; } = TraceColumns.All;

    /// <summary>One line a row.</summary>
    public bool Compact { get; init; }

    public bool HasFilter => TraceListQuery.Write(Filter).Any();

    /// <summary>Takes what it understands: an URL typed by hand must not break the page.</summary>
    /// <param name="url">Only its query counts.</param>
    public static TracesAddress Parse(string url)
    {
        int at = url.IndexOf('?', StringComparison.Ordinal);
        var query = new QueryCollection(QueryHelpers.ParseQuery(at < 0 ? "" : url[at..].Split('#')[0]));
        return new TracesAddress
        {
            Filter = new TraceListQuery(query).Filter(),
            After = Cursor.TryParse(query[AfterName], out Cursor? cursor) ? cursor : null,
            TraceId = query[TraceName].ToString() is { Length: > 0 } id ? id : null,
            Columns = query.ContainsKey(ColumnsName) ? TraceColumnNames.Parse(query[ColumnsName].ToString()) : TraceColumns.All,
            Compact = query[DensityName] == CompactValue,
        };
    }

    /// <summary>Another list, from its beginning.</summary>
    public TracesAddress With(TraceFilter filter) => this with { Filter = filter, After = null };

    /// <summary>Whether both show the same list.</summary>
    public bool ListsTheSameAs(TracesAddress other) => new TracesAddress { Filter = Filter, After = After }.Query == new TracesAddress { Filter = other.Filter, After = other.After }.Query;

    public TracesAddress Toggle(EvaluationStatus status) => With(Filter with
    {
        Statuses = Filter.Statuses.Contains(status) ? [.. Filter.Statuses.Where(s => s != status)] : [.. Filter.Statuses.Append(status).Order()],
    });

    /// <summary>The part from the question mark on; empty when there is nothing to say.</summary>
    public string Query
    {
        get
        {
            var query = new StringBuilder();
            foreach ((string name, string value) in TraceListQuery.Write(Filter))
            {
                Add(name, value);
            }

            Add(AfterName, After?.ToString());
            Add(TraceName, TraceId);
            Add(ColumnsName, Columns == TraceColumns.All ? null : TraceColumnNames.Write(Columns));
            Add(DensityName, Compact ? CompactValue : null);
            return query.ToString();

            void Add(string name, string? value)
            {
                if (value is not null)
                {
                    query.Append(query.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
                }
            }
        }
    }

    /// <summary>Relative to the base of the site.</summary>
    public override string ToString() => Path + Query;
}
