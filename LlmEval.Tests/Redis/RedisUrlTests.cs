using System.Net;
using LlmEval.Core.Redis;
using StackExchange.Redis;

namespace LlmEval.Tests.Redis;

public class RedisUrlTests
{
    [Theory]
    [InlineData("redis://localhost:6379", "localhost", 6379, null, null, null, false)]
    [InlineData("redis://cache", "cache", 6379, null, null, null, false)]
    [InlineData("redis://:p%40ss@cache:7000/3", "cache", 7000, null, "p@ss", 3, false)]
    [InlineData("redis://p%40ss@cache", "cache", 6379, null, "p@ss", null, false)]
    [InlineData("rediss://me:secret@cache/0", "cache", 6379, "me", "secret", 0, true)]
    public void AddressesAreRead(string url, string host, int port, string? user, string? password, int? database, bool tls)
    {
        Assert.True(RedisUrl.TryParse(url, out ConfigurationOptions? settings, out _));

        Assert.Equal([new DnsEndPoint(host, port)], settings.EndPoints);
        Assert.Equal((user, password, database, tls), (settings.User, settings.Password, settings.DefaultDatabase, settings.Ssl));
    }

    [Theory]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost:6379")]
    [InlineData("redis://")]
    [InlineData("redis://:secret@localhost/notes")]
    public void OthersAreRefusedWithoutTellingThePassword(string url)
    {
        Assert.False(RedisUrl.TryParse(url, out _, out string? fault));

        Assert.DoesNotContain("secret", fault);
    }
}
