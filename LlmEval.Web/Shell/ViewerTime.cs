using System.Globalization;
using LlmEval.Web.Live;
using Microsoft.JSInterop;

namespace LlmEval.Web.Shell;

/// <summary>The clock on the viewer's wall. Scoped to a circuit; UTC until the browser has said where it is.</summary>
public sealed class ViewerTime(IJSRuntime js, CircuitLink link, TimeProvider time)
{
    private Task<string?>? _asked;

    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Takes the time zone that the browser sent along when it asked for the page: then it need not be asked, and the page opens sooner.</summary>
    public void Take(string? zone)
    {
        if (TrySetZone(zone))
        {
            _asked = Task.FromResult(zone);
        }
    }

    /// <summary>Asks the browser for its time zone, until it has answered once. A page opens without an answer too.</summary>
    public async Task KnowZoneAsync()
    {
        Task<string?> asked = _asked ??= link.AskAsync(AskAsync);
        try
        {
            TrySetZone(await asked);
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // The next page asks again.
            _asked = _asked == asked ? null : _asked;
        }
    }

    /// <summary>The time of day; before today with the date.</summary>
    public string Short(DateTime utc)
    {
        DateTime local = ToLocal(utc);
        DateTime today = ToLocal(time.GetUtcNow().UtcDateTime).Date;
        if (local.Date == today)
        {
            return local.ToString("T", CultureInfo.CurrentCulture);
        }

        string day = DayFirst ? "d MMM" : "MMM d";
        return local.Year == today.Year
            ? $"{local.ToString(day, CultureInfo.CurrentCulture)}, {local.ToString("t", CultureInfo.CurrentCulture)}"
            : local.ToString("d", CultureInfo.CurrentCulture);
    }

    /// <summary>The day and the time of day, to the minute; the year where it is not this one.</summary>
    public string Moment(DateTime utc)
    {
        DateTime local = ToLocal(utc);
        string day = local.Year == ToLocal(time.GetUtcNow().UtcDateTime).Year ? DayFirst ? "d MMM" : "MMM d" : "d";
        return $"{local.ToString(day, CultureInfo.CurrentCulture)}, {local.ToString("t", CultureInfo.CurrentCulture)}";
    }

    /// <summary>To the microsecond, with the offset from UTC.</summary>
    public string Exact(DateTime utc)
    {
        DateTime local = ToLocal(utc);
        TimeSpan offset = Zone.GetUtcOffset(utc);
        return new DateTimeOffset(local, offset).ToString("yyyy-MM-dd HH:mm:ss.ffffff zzz", CultureInfo.InvariantCulture);
    }

    public DateTime ToLocal(DateTime utc) =>
        DateTime.SpecifyKind(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), Zone), DateTimeKind.Unspecified);

    /// <summary>The other way. A time that the viewer's clock leaps over counts as the one after the leap.</summary>
    public DateTime ToUtc(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(Zone.IsInvalidTime(local) ? local.AddHours(1) : local, Zone);
    }

    /// <summary>When the viewer's day began, in UTC.</summary>
    public DateTime Today() => ToUtc(ToLocal(time.GetUtcNow().UtcDateTime).Date);

    private static bool DayFirst => CultureInfo.CurrentCulture.DateTimeFormat.MonthDayPattern.StartsWith('d');

    private Task<string?> AskAsync() => js.InvokeAsync<string?>("llmevalViewer.timeZone").AsTask();

    private bool TrySetZone(string? name)
    {
        // A browser's word: a name, not a path.
        if (name is null || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-') || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return false;
        }

        Zone = zone;
        return true;
    }
}
