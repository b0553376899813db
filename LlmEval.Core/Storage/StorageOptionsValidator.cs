using LlmEval.Core.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Storage;

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        options.DatabaseUrl is { } url && !DatabaseUrl.TryParse(url, out _, out string? fault)
            ? ValidateOptionsResult.Fail($"DATABASE_URL {fault}. It is written as postgresql://user:password@host:5432/database?sslmode=prefer")
            : ValidateOptionsResult.Success;
}
