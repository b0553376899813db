namespace LlmEval.Core.Redis;

/// <summary>Where Redis is, if there is one.</summary>
public sealed class RedisOptions
{
    /// <summary><c>REDIS_URL</c>: <c>redis://[user:password@]host:port[/database]</c>, or <c>rediss://</c> for TLS.</summary>
    public string? Url { get; set; }

    /// <summary><c>REDIS_PASSWORD</c>: wins over one in the address.</summary>
    public string? Password { get; set; }
}
