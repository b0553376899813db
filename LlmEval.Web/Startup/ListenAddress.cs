using Microsoft.Extensions.Options;

namespace LlmEval.Web.Startup;

/// <summary>Where the server is told to listen. What is no address at all would end it with a stack once it binds.</summary>
internal static class ListenAddress
{
    /// <param name="urls">As in <c>ASPNETCORE_URLS</c>: separated by semicolons.</param>
    /// <exception cref="OptionsValidationException"/>
    public static void ThrowUnlessGood(string? urls)
    {
        string[] faults =
        [
            .. (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
                .Where(url => !IsAddress(url))
                .Select(url => $"ASPNETCORE_URLS or --urls has \"{url}\", where nobody can listen. It is written as http://localhost:8000"),
        ];
        if (faults.Length > 0)
        {
            throw new OptionsValidationException("urls", typeof(string), faults);
        }
    }

    private static bool IsAddress(string url)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(url);

            // A free port of localhost would be two, one of each of its addresses.
            bool isTwoPorts = address.Port == 0 && address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
            return address.Scheme.ToLowerInvariant() is "http" or "https" && address is { PathBase.Length: 0, Port: >= 0 and <= 65_535 } && !isTwoPorts;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
