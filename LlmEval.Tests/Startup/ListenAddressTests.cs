using LlmEval.Web.Startup;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Startup;

public class ListenAddressTests
{
    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("8000")]
    [InlineData("ftp://localhost:8000")]
    [InlineData("http://localhost:99999")]
    [InlineData("http://localhost:8000/path")]
    [InlineData("http://localhost:8000;foo")]
    [InlineData("http://LOCALHOST:0")]
    [InlineData("http://localhost:8000; http://localhost:8001")]
    public void WhereNobodyCanListenIsNamed(string urls)
    {
        string fault = Assert.Single(Assert.Throws<OptionsValidationException>(() => ListenAddress.ThrowUnlessGood(urls)).Failures);

        Assert.Contains($"has \"{urls.Split(';')[^1]}\",", fault, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("http://localhost:8000")]
    [InlineData("HTTP://LOCALHOST:8000/")]
    [InlineData("http://*:8000;https://[::1]:8443;http://+;")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://unix:/run/llmeval.sock")]
    public void WhatTheServerTakesIsLeftToIt(string? urls) => ListenAddress.ThrowUnlessGood(urls);
}
