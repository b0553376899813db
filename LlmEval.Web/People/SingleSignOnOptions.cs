using LlmEval.Core.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.People;

/// <summary>Section <c>LlmEval:OpenIdConnect</c>: people sign in through their organisation. Then nobody comes in without credentials.</summary>
public sealed class SingleSignOnOptions
{
    /// <summary>The provider's address, as <c>https://login.example.com/tenant</c>. Empty turns this off.</summary>
    public string? Authority { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>A file that holds the secret, in the place of <see cref="ClientSecret"/>.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>As the button names it.</summary>
    public string DisplayName { get; set; } = "your organisation";

    /// <summary>Domains of e-mail addresses; empty lets those of all in whom the provider knows.</summary>
    public string[] AllowedDomains { get; set; } = [];

    /// <summary>What somebody becomes in the project <c>default</c> who comes for the first time; empty lets nobody in who has no account.</summary>
    public Role? DefaultRole { get; set; }

    /// <summary>An account with the same, verified address becomes theirs.</summary>
    public bool LinkByEmail { get; set; }

    /// <summary>For a provider that does not say <c>email_verified</c> but gives its people their addresses itself.</summary>
    public bool TrustEmail { get; set; }

    public bool IsOn => !string.IsNullOrEmpty(Authority);
}

internal sealed class SingleSignOnOptionsValidator : IValidateOptions<SingleSignOnOptions>
{
    public ValidateOptionsResult Validate(string? name, SingleSignOnOptions options)
    {
        if (!options.IsOn)
        {
            return ValidateOptionsResult.Success;
        }

        List<string> faults = [];
        bool isUrl = Uri.TryCreate(options.Authority, UriKind.Absolute, out Uri? authority)
            && (authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback));
        if (!isUrl)
        {
            faults.Add($"LlmEval:OpenIdConnect:Authority is \"{options.Authority}\". It has to be an address that begins with https://");
        }

        if (string.IsNullOrEmpty(options.ClientId))
        {
            faults.Add("LlmEval:OpenIdConnect:ClientId is missing. The provider gives it when the application is registered there");
        }

        if (options.ClientSecretFile is { Length: > 0 } file && !File.Exists(file))
        {
            faults.Add($"LlmEval:OpenIdConnect:ClientSecretFile names \"{file}\", which is not there");
        }

        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
