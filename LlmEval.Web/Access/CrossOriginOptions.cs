using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

/// <summary>Section <c>LlmEval:CrossOrigin</c>: which sites' pages may read this server from a browser.</summary>
public sealed class CrossOriginOptions
{
    /// <summary>Origins as browsers write them, <c>https://app.example.com</c>, or <c>*</c> for all. Pages of this machine always may.</summary>
    public string[] Origins { get; set; } = [];
}

internal sealed class CrossOriginOptionsValidator : IValidateOptions<CrossOriginOptions>
{
    public ValidateOptionsResult Validate(string? name, CrossOriginOptions options) =>
        options.Origins.FirstOrDefault(origin => origin != "*" && !IsOrigin(origin)) is { } wrong
            ? ValidateOptionsResult.Fail(
                $"LlmEval:CrossOrigin:Origins has \"{wrong}\", which is no origin. It is written as https://app.example.com, with a port if there is one and nothing after it")
            : ValidateOptionsResult.Success;

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.GetLeftPart(UriPartial.Authority) == text;
}
