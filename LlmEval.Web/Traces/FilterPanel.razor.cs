using System.Globalization;
using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class FilterPanel
{
    private const string LocalFormat = "yyyy-MM-ddTHH:mm:ss";

    private ElementReference _first;
    private string? _key;
    private string? _value;

    [Parameter, EditorRequired]
    public required TraceFilter Filter { get; set; }

    [Parameter]
    public EventCallback<TraceFilter> Changed { get; set; }

    /// <summary>Whether it takes the focus when it opens.</summary>
    [Parameter]
    public bool Focused { get; set; }

    [Inject]
    public required ViewerTime Time { get; init; }

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender && Focused ? PageScript.FocusAsync(_first) : Task.CompletedTask;

    private string Errors => Filter.HasError switch { true => "true", false => "false", null => "" };

    private Task SetErrorsAsync(ChangeEventArgs e) => SetAsync(Filter with { HasError = Given(e) switch { "true" => true, "false" => false, _ => null } });

    /// <summary>While a year is typed, each of its digits makes a date.</summary>
    private Task SetTimeAsync(ChangeEventArgs e, Func<DateTime?, TraceFilter> with) =>
        Utc(e) is { Year: < 1970 } ? Task.CompletedTask : SetAsync(with(Utc(e)));

    private Task SetAsync(TraceFilter filter) => Changed.InvokeAsync(filter);

    private Task AddMetadataAsync()
    {
        if (string.IsNullOrWhiteSpace(_key) || string.IsNullOrEmpty(_value))
        {
            return Task.CompletedTask;
        }

        var added = new KeyValuePair<string, string>(_key.Trim(), _value);
        (_key, _value) = (null, null);
        return SetAsync(Filter with { Metadata = [.. Filter.Metadata.Where(m => m.Key != added.Key), added] });
    }

    private static string? Given(ChangeEventArgs e) => (e.Value as string)?.Trim() is { Length: > 0 } text ? text : null;

    private static string[] List(ChangeEventArgs e) => (Given(e) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static decimal? Cost(ChangeEventArgs e) =>
        decimal.TryParse(Given(e), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal cost) && cost >= 0 ? cost : null;

    private static double? Milliseconds(ChangeEventArgs e) =>
        double.TryParse(Given(e), NumberStyles.Float, CultureInfo.InvariantCulture, out double ms) && ms >= 0 && double.IsFinite(ms) ? ms : null;

    private string? Local(DateTime? utc) => utc is { } time
        ? TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(time, DateTimeKind.Utc), Time.Zone).ToString(LocalFormat, CultureInfo.InvariantCulture)
        : null;

    // An hour that a change of the clocks leaves out has an offset too, so this never throws.
    private DateTime? Utc(ChangeEventArgs e) =>
        DateTime.TryParse(Given(e), CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local) && local.Year is > 1 and < 9999
            ? DateTime.SpecifyKind(local - Time.Zone.GetUtcOffset(local), DateTimeKind.Utc)
            : null;
}
