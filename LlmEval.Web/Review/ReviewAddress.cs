using System.Globalization;
using System.Text;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmEval.Web.Review;

/// <summary>What is reviewed, in the URL: whoever opens the same address works on the same queue.</summary>
internal static class ReviewAddress
{
    public const string Path = "review";

    private const string Order = "order";
    private const string Size = "size";
    private const string Share = "share";

    /// <summary>Takes what it understands: an URL typed by hand must not break the page.</summary>
    /// <param name="url">Only its query counts.</param>
    public static ReviewScope Parse(string url)
    {
        int at = url.IndexOf('?', StringComparison.Ordinal);
        var query = new QueryCollection(QueryHelpers.ParseQuery(at < 0 ? "" : url[at..].Split('#')[0]));
        TraceFilter filter = new TraceListQuery(query, Order, Size, Share).Filter();
        bool hasOrder = Enum.TryParse(query[Order], ignoreCase: true, out ReviewOrder order) && Enum.IsDefined(order);
        bool hasSize = int.TryParse(query[Size], NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0;
        bool hasShare = double.TryParse(query[Share], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent is > 0 and < 100;
        return new ReviewScope(filter with { Share = hasShare ? percent / 100 : null }, hasOrder ? order : ReviewOrder.Newest)
        {
            Size = hasSize ? Math.Min(size, ReviewScope.MostPicked) : null,
        };
    }

    /// <summary>Relative to the base of the site.</summary>
    public static string Of(ReviewScope scope)
    {
        (string Name, string? Value)[] own =
        [
            (Order, scope.Order == ReviewOrder.Newest ? null : scope.Order.ToString().ToLowerInvariant()),
            (Size, scope.Size?.ToString(CultureInfo.InvariantCulture)),
            (Share, scope.Filter.Share is { } part ? Math.Round(part * 100, 4).ToString(CultureInfo.InvariantCulture) : null),
        ];
        var url = new StringBuilder(Path);
        char separator = '?';
        foreach ((string name, string? value) in own.Concat(TraceListQuery.Write(scope.Filter).Select(p => (p.Name, (string?)p.Value))))
        {
            if (value is not null)
            {
                url.Append(separator).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return url.ToString();
    }
}
