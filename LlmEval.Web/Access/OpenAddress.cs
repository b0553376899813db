using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>The server was told to listen where other machines could reach it, and nobody has to say who they are.</summary>
internal sealed class OpenAddressException(string message) : Exception(message);

/// <summary>Stops a server that other machines could reach while everybody has all rights.</summary>
internal static class OpenAddress
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Ends once it is known that there is no danger: whether there are keys and users is only in the database.</summary>
    /// <exception cref="OpenAddressException"/>
    public static async Task ThrowUnlessClosedAsync(WebApplication app)
    {
        string? open = app.Urls.FirstOrDefault(address => !LoopbackAddress.Is(BindingAddress.Parse(address).Host));
        if (open is null)
        {
            return;
        }

        AccessDirectory directory = app.Services.GetRequiredService<AccessDirectory>();
        TimeProvider time = app.Services.GetRequiredService<TimeProvider>();
        while (directory.Known is null && !app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Until then every request is answered with 503.
            await Task.Delay(BetweenLooks, time);
        }

        CallerFinder callers = app.Services.GetRequiredService<CallerFinder>();
        if (directory.Known is { } book && callers.IsOpen(book) && !callers.IsOpenToAll(book))
        {
            throw new OpenAddressException(
                $"The address {open} opens the server to other machines, and there is neither an API key nor a user yet, so that everybody "
                + "would have all rights. Set LlmEval__RequireSignIn=true and follow the link that the console then shows; or make a key or a user on "
                + "http://localhost first; or set LlmEval__AllowAnonymous=true if only trusted machines can reach the port.");
        }
    }
}
