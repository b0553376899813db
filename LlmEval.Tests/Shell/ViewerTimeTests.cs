using System.Globalization;
using Bunit;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Shell;

public sealed class ViewerTimeTests : BunitContext
{
    private static readonly DateTime Noon = new(2026, 1, 20, 12, 0, 0, DateTimeKind.Utc);

    private readonly CircuitLink _link = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Noon.AddHours(2)));

    [Theory]
    [InlineData("Europe/Berlin", "de-DE", "13:00:00", "2026-01-20 13:00:00.000000 +01:00")]
    [InlineData("America/New_York", "en-GB", "07:00:00", "2026-01-20 07:00:00.000000 -05:00")]
    [InlineData("Not/AZone", "en-GB", "12:00:00", "2026-01-20 12:00:00.000000 +00:00")]
    public async Task TimesAreTheViewersOwn(string zone, string culture, string shown, string exact)
    {
        ViewerTime time = await KnowAsync(zone);
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);

        Assert.Equal(shown, time.Short(Noon));
        Assert.Equal(exact, time.Exact(Noon));
    }

    [Fact]
    public async Task BeforeTodayTheDateIsSaid()
    {
        ViewerTime time = await KnowAsync("Europe/Berlin");
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");

        Assert.Equal("19 Jan, 13:00", time.Short(Noon.AddDays(-1)));
        Assert.Equal("20/01/2025", time.Short(Noon.AddYears(-1)));
    }

    [Fact]
    public async Task AMomentHasItsDayAndNoSeconds()
    {
        ViewerTime time = await KnowAsync("Europe/Berlin");
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");

        Assert.Equal("20 Jan, 13:00", time.Moment(Noon));
        Assert.Equal("20/01/2025, 13:00", time.Moment(Noon.AddYears(-1)));
    }

    [Fact]
    public async Task TheBrowserIsAskedOnce()
    {
        ViewerTime time = await KnowAsync("Europe/Berlin");
        await time.KnowZoneAsync();

        Assert.Single(JSInterop.Invocations, i => i.Identifier == "llmevalViewer.timeZone");
    }

    [Fact]
    public async Task ABrowserThatSentItsZoneAlongIsNotAsked()
    {
        var time = new ViewerTime(JSInterop.JSRuntime, _link, _time);
        time.Take("Europe/Berlin");
        await time.KnowZoneAsync();

        Assert.Equal("Europe/Berlin", time.Zone.Id);
        Assert.Empty(JSInterop.Invocations);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Not/AZone")]
    [InlineData("../../etc/passwd")]
    [InlineData("Europe/Berlin\0")]
    public async Task WhatIsNoZoneIsAskedFor(string? sent)
    {
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        var time = new ViewerTime(JSInterop.JSRuntime, _link, _time);
        time.Take(sent);
        Assert.Equal(TimeZoneInfo.Utc, time.Zone);

        await time.KnowZoneAsync();
        Assert.Equal("Europe/Berlin", time.Zone.Id);
    }

    [Fact]
    public async Task ABrowserThatDoesNotAnswerLeavesUtcAndIsAskedAgain()
    {
        JSRuntimeInvocationHandler<string?> zone = JSInterop.Setup<string?>("llmevalViewer.timeZone");
        zone.SetCanceled();
        var time = new ViewerTime(JSInterop.JSRuntime, _link, _time);
        await time.KnowZoneAsync();
        Assert.Equal(TimeZoneInfo.Utc, time.Zone);

        zone.SetResult("Europe/Berlin");
        await time.KnowZoneAsync();
        Assert.Equal("Europe/Berlin", time.Zone.Id);
    }

    [Fact]
    public async Task AnAnswerThatWasLostWithTheConnectionIsAskedForWhenTheBrowserIsBack()
    {
        JSRuntimeInvocationHandler<string?> zone = JSInterop.Setup<string?>("llmevalViewer.timeZone");
        var time = new ViewerTime(JSInterop.JSRuntime, _link, _time);
        Task known = time.KnowZoneAsync();

        await _link.OnConnectionDownAsync(null!, CancellationToken.None);
        await _link.OnConnectionUpAsync(null!, CancellationToken.None);
        await Eventually.TrueAsync(() => zone.Invocations.Count == 2);

        zone.SetResult("Europe/Berlin");
        await known;
        Assert.Equal("Europe/Berlin", time.Zone.Id);
    }

    private async Task<ViewerTime> KnowAsync(string zone)
    {
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult(zone);
        var time = new ViewerTime(JSInterop.JSRuntime, _link, _time);
        await time.KnowZoneAsync();
        return time;
    }
}
