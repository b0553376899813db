using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Tests.Docs;
using LlmEval.Tests.Support;
using YamlDotNet.Serialization;

namespace LlmEval.Tests.Monitoring;

/// <summary>The rules and the dashboard that we ship ask for nothing that is not there.</summary>
public partial class DeployedTests
{
    // Of the scrape itself, and of .NET.
    private static readonly string[] NotOurs = ["up", "dotnet_process_memory_working_set_bytes"];

    [Theory]
    [InlineData("prometheus-rules.yml", 7)]
    [InlineData("grafana-dashboard.json", 18)]
    public void EveryMetricNamedIsOneThatTheServerHas(string file, int least)
    {
        string[] expressions = [.. Expressions(file)];

        string[] named = [.. expressions.SelectMany(e => Metric().Matches(e)).Select(m => m.Groups["name"].Value).Distinct()];

        Assert.True(expressions.Length >= least, $"Only {expressions.Length} expressions were read.");
        Assert.True(named.Length > 5, string.Join(", ", named));
        Assert.All(named.Except(NotOurs), name => Assert.Contains(Suffix().Replace(name, ""), Documented()));
        Assert.All(expressions, e => Assert.Equal(e.Count(c => c == '('), e.Count(c => c == ')')));
    }

    [Fact]
    public void TheDashboardShowsEveryInstrument()
    {
        string text = File.ReadAllText(Repository.PathTo("deploy", "grafana-dashboard.json"));

        Assert.All(Documented(), name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Fact]
    public void PrometheusIsToldOfTheRulesAndScrapesOftenEnoughForThem()
    {
        string yaml = Assert.Single(Document.Read("docs/monitoring.md").Snippets, s => s.Language == "yaml").Text;
        string rules = File.ReadAllText(Repository.PathTo("deploy", "prometheus-rules.yml"));
        var settings = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize<object>(yaml);

        string file = (string)((List<object>)settings["rule_files"]).Single();
        Assert.True(File.Exists(Repository.PathTo("deploy", Path.GetFileName(file))), file);
        Assert.Equal("15s", ((Dictionary<object, object>)settings["global"])["scrape_interval"]);
        var job = (Dictionary<object, object>)((List<object>)settings["scrape_configs"]).Single();
        Assert.Contains($"up{{job=\"{job["job_name"]}\"}}", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void TheDashboardsRatesGoByTheScrapes() => Assert.All(
        Expressions("grafana-dashboard.json").SelectMany(e => Window().Matches(e)), window => Assert.Equal("[$__rate_interval]", window.Value));

    // Which a test of their own compares with the server.
    private static string[] Documented() => [.. DocumentedName().Matches(Document.Read("docs/monitoring.md").Text).Select(m => m.Groups["name"].Value).Distinct()];

    private static IEnumerable<string> Expressions(string file)
    {
        string text = File.ReadAllText(Repository.PathTo("deploy", file));
        if (file.EndsWith(".yml", StringComparison.Ordinal))
        {
            return RuleExpression().Matches(text).Select(m => m.Groups["expression"].Value);
        }

        return JsonElement.Parse(text).GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!);
    }

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Window();

    [GeneratedRegex(@"`(?<name>llmeval_[a-z_]+)`")]
    private static partial Regex DocumentedName();

    [GeneratedRegex(@"\b(?<name>up|(llmeval|dotnet|kestrel|aspnetcore|db)_[a-z_]+)\b(?=[\s{\[)]|$)")]
    private static partial Regex Metric();

    [GeneratedRegex(@"expr: (\|\n(?<expression>(          .*\n)+)|(?<expression>[^|].+)\n)")]
    private static partial Regex RuleExpression();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();
}
