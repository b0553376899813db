using System.Text.RegularExpressions;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Docs;
using LlmEval.Tests.Monitoring;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Startup;

public sealed partial class UnknownSettingsTests
{
    [Fact]
    public async Task AMisspeltSettingIsNamedInTheLog()
    {
        using var log = new LogSecrecyTests.KeptLog();
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite,
            new Dictionary<string, string?>
            {
                ["LlmEval:RequireSingIn"] = "true",
                ["LlmEval:Limit:Streams"] = "5",
                ["LlmEval:limits:streams"] = "5",
                ["LlmEval:Proxies:0"] = "10.0.0.1",
            },
            services => services.AddSingleton<ILoggerProvider>(log));

        string line = Assert.Single(log.Lines, line => line.Contains("no such settings", StringComparison.Ordinal));
        Assert.Contains(": LlmEval:Limit, LlmEval:RequireSingIn.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverySettingThatTheDocumentsNameIsRead()
    {
        string[] named = [.. Document.Names.SelectMany(name => Setting().Matches(Document.Read(name).Text)).Select(m => m.Value).Distinct()];
        Assert.True(named.Length > 40);
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(named.Select(name => KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)"1"))).Build();

        Assert.Empty(KnownSettings.FindUnknown(configuration.GetSection("LlmEval"), [.. server.Services.GetServices<KnownSettings>()]));
    }

    [GeneratedRegex("LlmEval(__[A-Za-z]+)+(__[0-9]+)?(?![A-Za-z_])")]
    private static partial Regex Setting();
}
