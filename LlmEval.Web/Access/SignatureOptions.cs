using LlmEval.Core.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

/// <summary><c>WEBHOOK_SECRET</c>: what the senders of webhooks sign with, in every project that has no secrets of its own.</summary>
public sealed class SignatureOptions
{
    /// <summary>Several are separated by commas, so that one can take the place of another. Null asks for no signature.</summary>
    public string? Secrets { get; set; }

    /// <summary>Empty when none is set.</summary>
    internal IReadOnlyList<byte[]> Keys => [.. Parts.Select(WebhookKey.Read).OfType<byte[]>()];

    private IEnumerable<string> Parts => Secrets is null ? [] : Secrets.Split(',').Select(part => part.Trim());

    internal sealed class Validator : IValidateOptions<SignatureOptions>
    {
        // The secret itself is not said: the message goes to a log.
        public ValidateOptionsResult Validate(string? name, SignatureOptions options) =>
            options.Parts.All(part => WebhookKey.Read(part) is not null)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(options.Parts.Any(part => part.Length == 0)
                    ? "WEBHOOK_SECRET is set and empty, or has an empty part between its commas: anybody could sign with that. Give it a secret, or leave it out"
                    : "WEBHOOK_SECRET has a part that begins with whsec_ and does not go on with base64");
    }
}
