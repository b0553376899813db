using System.Globalization;
using Bunit;
using LlmEval.Web.Live;
using LlmEval.Web.People;
using LlmEval.Web.Shell;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.People;

public class AuditWordsTests
{
    private readonly ViewerTime _time = new(
        new BunitJSInterop { Mode = JSRuntimeMode.Loose }.JSRuntime, new CircuitLink(), new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero)));

    public AuditWordsTests() => CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");

    [Theory]
    [InlineData("""{"until":"2026-11-29T18:48:25.069507Z"}""", "until: 29 Nov, 18:48")]
    [InlineData("""{"reasons":["Made-up fact","Too long"],"tags":[]}""", "reasons: Made-up fact, Too long · tags: none")]
    [InlineData("""{"status":"in_review","before":"pending","version":2}""", "status: in review · before: pending · version: 2")]
    [InlineData("""{"when_below":false,"model_name":null}""", "when below: no")]
    [InlineData("no JSON", "no JSON")]
    public void WhatChangedIsSaidInPlainWords(string stored, string said) => Assert.Equal(said, AuditWords.Detail(stored, _time));

    [Fact]
    public void WhoAndWhatAreSaidInPlainWordsToo()
    {
        Assert.Equal("Somebody on this machine", AuditWords.Actor("this machine"));
        Assert.Equal("muted the alert", AuditWords.Of("alert.muted"));
        Assert.Equal("error rate", AuditWords.Subject("alert.muted", "error_rate"));
        Assert.Equal("error_rate", AuditWords.Subject("trace.deleted", "error_rate"));
    }
}
