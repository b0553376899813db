using System.Net;
using LlmEval.Tests.Support;
using YamlDotNet.Serialization;

namespace LlmEval.Tests.Deployment;

/// <summary>
/// There is no Docker engine where these tests run: what can be read from the files is checked, and the same topology is run as
/// processes by a drill.
/// </summary>
public class ComposeTests
{
    private const string One = "docker-compose.yml";
    private const string Many = "deploy/docker-compose.replicas.yml";

    // Where one line of a Dockerfile runs a program.
    private static readonly string[] Running = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"];

    public static TheoryData<string> Files => [One, Many];

    [Theory]
    [MemberData(nameof(Files))]
    public void NothingIsPublishedButOnThisMachine(string file)
    {
        string[] ports = [.. Services(file).Values.SelectMany(s => Texts(s, "ports"))];

        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void EveryServiceIsWatchedStartedAgainAndCannotWriteToItsImage(string file) => Assert.All(Services(file), service =>
    {
        // PostgreSQL's image begins by making its folder its own.
        Assert.True(service.Key == "db" || Texts(service.Value, "cap_drop") is ["ALL"], service.Key);
        // The image of the server brings its own check.
        Assert.True(service.Value.ContainsKey("healthcheck") || service.Key.StartsWith("api", StringComparison.Ordinal), service.Key);
        Assert.Equal("true", service.Value["read_only"]);
        Assert.Equal("unless-stopped", service.Value["restart"]);
        Assert.Contains("no-new-privileges:true", Texts(service.Value, "security_opt"));
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void PasswordsComeFromFiles(string file)
    {
        Dictionary<string, Dictionary<object, object>> services = Services(file);

        Assert.All(services.Values.SelectMany(Environment), setting => Assert.False(
            setting.Key.Contains("PASSWORD", StringComparison.Ordinal) && !setting.Key.EndsWith("_FILE", StringComparison.Ordinal), setting.Key));
        Assert.Equal("/run/secrets/database_password", Environment(services["db"])["POSTGRES_PASSWORD_FILE"]);
        Assert.All(Servers(services), server => Assert.Equal("/run/secrets/database_password", Environment(server)["DATABASE_PASSWORD_FILE"]));
        string path = (string)((Dictionary<object, object>)((Dictionary<object, object>)Read(file)["secrets"])["database_password"])["file"];
        string byDefault = path["${DATABASE_PASSWORD_FILE:-".Length..^1];
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(Repository.PathTo(file))!, byDefault)), byDefault);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void TheServersWaitForWhatTheyNeedAndNameItRightly(string file)
    {
        Dictionary<string, Dictionary<object, object>> services = Services(file);

        Assert.All(Servers(services), server =>
        {
            Assert.Equal(["db", "redis"], ((Dictionary<object, object>)server["depends_on"]).Keys.Cast<string>().Order());
            Assert.Equal("redis://redis:6379", Environment(server)["REDIS_URL"]);
            Assert.Equal("postgresql://postgres@db:5432/eval_db", Environment(server)["DATABASE_URL"]);
        });
        Assert.Equal("eval_db", Environment(services["db"])["POSTGRES_DB"]);
        Assert.Equal("--lc-collate=C", Environment(services["db"])["POSTGRES_INITDB_ARGS"]);
    }

    [Fact]
    public void TheServicesOfTheGuideAreThere() => Assert.Equal(["api", "db", "redis"], Services(One).Keys.Order());

    [Theory]
    [InlineData(One, "default")]
    [InlineData(Many, "inside")]
    public void TheGuideNamesTheGatewayFromWhichAProxyOfThisMachineComes(string file, string network)
    {
        Dictionary<object, object> range = Range(file, network);

        Assert.StartsWith(((string)range["gateway"])[..^1], (string)range["subnet"], StringComparison.Ordinal);
        Assert.Contains((string)range["gateway"], File.ReadAllText(Repository.PathTo("docs", "operations.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void OneReplicaBuildsTheImageForAll()
    {
        Dictionary<object, object>[] servers = [.. Servers(Services(Many))];

        Assert.Single(servers, server => server.ContainsKey("build"));
        Assert.All(servers, server => Assert.Equal("llmeval", server["image"]));
        Assert.Equal(2, servers.Count(server => server.TryGetValue("pull_policy", out object? policy) && policy is "never" && !server.ContainsKey("build")));
    }

    [Fact]
    public void TheProxyKnowsTheReplicasByAddressesThatNobodyElseGets()
    {
        Dictionary<string, Dictionary<object, object>> services = Services(Many);
        Dictionary<object, object> range = Range(Many, "inside");
        string[] addresses = [.. services.Where(s => s.Key.StartsWith("api", StringComparison.Ordinal)).Select(s => $"{s.Key}:{Address(s.Value)}")];

        Assert.Equal(addresses, Texts(services["proxy"], "extra_hosts"));
        Assert.All(addresses, entry =>
        {
            var address = IPAddress.Parse(entry.Split(':')[1]);
            Assert.True(IPNetwork.Parse((string)range["subnet"]).Contains(address), entry);
            Assert.False(IPNetwork.Parse((string)range["ip_range"]).Contains(address), entry);
        });
    }

    [Fact]
    public void ThreeReplicasStandBehindTheProxyWhichAloneIsBelieved()
    {
        Dictionary<object, object> range = Range(Many, "inside");
        Dictionary<object, object>[] servers = [.. Servers(Services(Many))];

        Assert.Equal(3, servers.Length);
        Assert.All(servers, server => Assert.Equal((string)range["subnet"], Environment(server)["LlmEval__Proxies__0"]));
        Assert.All(servers, server => Assert.False(server.ContainsKey("ports")));
        string nginx = File.ReadAllText(Repository.PathTo("deploy", "nginx.conf"));
        Assert.All(Enumerable.Range(1, 3), i => Assert.Contains($"server api{i}:8000 ", nginx, StringComparison.Ordinal));
    }

    [Fact]
    public void TheImageRunsAsAnOrdinaryUserAndOnlyWhatIsThereIsCopied()
    {
        string[] lines = [.. File.ReadAllLines(Repository.PathTo("Dockerfile")).Where(l => l.Length > 0 && l[0] != '#')];

        string last = lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal));
        Assert.Equal("USER $APP_UID", last);
        Assert.True(Array.IndexOf(lines, last) > Array.FindLastIndex(lines, l => l.StartsWith("RUN ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, l => l.Contains(":latest", StringComparison.Ordinal));
        Assert.All(Copied(lines), path => Assert.True(Path.Exists(Repository.PathTo(path)), path));
        Assert.Contains(lines, l => l.Contains("ENTRYPOINT [\"dotnet\", \"LlmEval.Web.dll\"]", StringComparison.Ordinal));
        Assert.Equal(1, lines.Count(l => l.StartsWith("HEALTHCHECK", StringComparison.Ordinal)));
        Assert.Contains(lines, l => l.Contains("GET /health/live ", StringComparison.Ordinal));
        Assert.All(Running, word => Assert.DoesNotContain(lines, l => l.StartsWith(word, StringComparison.Ordinal) && l.Contains("curl ", StringComparison.Ordinal)));
    }

    [Fact]
    public void WhatTheImageIsMadeOfPassesTheIgnoreFile()
    {
        string[] kept = [.. File.ReadAllLines(Repository.PathTo(".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..])];

        Assert.All(Copied(File.ReadAllLines(Repository.PathTo("Dockerfile"))), path =>
            Assert.Contains(kept, k => path == k || path.StartsWith(k + "/", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Copied(IEnumerable<string> lines) => lines
        .Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal))
        .SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..^1]);

    private static Dictionary<object, object> Read(string file) => new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(
        new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(new StringReader(File.ReadAllText(Repository.PathTo(file))))));

    private static Dictionary<object, object> Range(string file, string network)
    {
        var described = (Dictionary<object, object>)((Dictionary<object, object>)Read(file)["networks"])[network];
        return (Dictionary<object, object>)((List<object>)((Dictionary<object, object>)described["ipam"])["config"]).Single();
    }

    private static string Address(Dictionary<object, object> server) =>
        (string)((Dictionary<object, object>)((Dictionary<object, object>)server["networks"])["inside"])["ipv4_address"];

    private static Dictionary<string, Dictionary<object, object>> Services(string file) => ((Dictionary<object, object>)Read(file)["services"])
        .ToDictionary(s => (string)s.Key, s => (Dictionary<object, object>)s.Value);

    private static IEnumerable<Dictionary<object, object>> Servers(Dictionary<string, Dictionary<object, object>> services) =>
        services.Where(s => s.Key.StartsWith("api", StringComparison.Ordinal)).Select(s => s.Value);

    private static string[] Texts(Dictionary<object, object> service, string name) =>
        service.TryGetValue(name, out object? list) ? [.. ((List<object>)list).Cast<string>()] : [];

    private static Dictionary<string, string> Environment(Dictionary<object, object> service) => service.TryGetValue("environment", out object? settings)
        ? ((Dictionary<object, object>)settings).ToDictionary(s => (string)s.Key, s => (string)s.Value)
        : [];
}
