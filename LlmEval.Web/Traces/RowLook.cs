using System.Globalization;
using LlmEval.Web.Shell;

namespace LlmEval.Web.Traces;

/// <summary>What the cells of a row depend on besides its trace. Lists of one look show the same cells.</summary>
/// <param name="Links">Where rows lead, and with it the filter, whose words are marked, the columns and the density.</param>
/// <param name="Zone">Of the viewer's clock.</param>
/// <param name="Today">When the viewer's day began: times before it are written with their date.</param>
public sealed record RowLook(TraceLinks Links, string Zone, string Culture, DateTime Today)
{
    /// <summary>As the caller of this method sees times and numbers now.</summary>
    public static RowLook Of(TraceLinks links, ViewerTime time) => new(links, time.Zone.Id, CultureInfo.CurrentCulture.Name, time.Today());
}
