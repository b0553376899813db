using Microsoft.Extensions.Options;

namespace LlmEval.Core.Redis;

internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options) =>
        options.Url is { } url && !RedisUrl.TryParse(url, out _, out string? fault)
            ? ValidateOptionsResult.Fail($"REDIS_URL {fault}. It is written as redis://user:password@host:6379/0, with rediss:// for TLS")
            : ValidateOptionsResult.Success;
}
