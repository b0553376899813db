using System.Globalization;
using LlmEval.Web.Shell;

namespace LlmEval.Web.Traces;

/// <summary>What the cells of a row depend on besides its trace. Lists of one look show the same cells.</summary>
/// <param name="Links">Where rows lead, and with it the filter, whose words are marked, the columns and the density.</param>
/// <param name="Zone">Of the viewer's clock.</param>
/// <param name="Today">When the viewer's day began: times before it are written with their date.</param>
public sealed record RowLook(TraceLinks Links, string Zone, string Culture, DateTime Today)
{
    /// <summary>Follows from <see cref="Links"/>, as <see cref="Words"/> do: looks are not told apart by either.</summary>
    public required TraceColumns Columns { get; init; }

    /// <summary>To be marked.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The look of a list as the caller of this method sees times and numbers now.</summary>
    public static RowLook Of(TracesAddress list, ViewerTime time) => new(new TraceLinks(list), time.Zone.Id, CultureInfo.CurrentCulture.Name, time.Today())
    {
        Columns = list.Columns,
        Words = SearchMarks.Words(list.Filter.Text),
    };

    /// <summary>The same look on the viewer's day and in the zone as they are now.</summary>
    public RowLook At(ViewerTime time) => this with { Zone = time.Zone.Id, Culture = CultureInfo.CurrentCulture.Name, Today = time.Today() };

    public bool Equals(RowLook? other) =>
        other is not null && Links == other.Links && Zone == other.Zone && Culture == other.Culture && Today == other.Today;

    public override int GetHashCode() => HashCode.Combine(Links, Zone, Culture, Today);
}
