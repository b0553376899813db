using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.People;

/// <summary>Where the link is shown: to whoever runs the server, and in no log that travels.</summary>
public delegate void ShowSetUpLink(string text);

/// <summary>
/// Shows on the console the link by which the first owner makes their account, while people have to sign in and there is nobody
/// who could make the others owners. Every replica shows its own; the first that is used ends all.
/// </summary>
internal sealed class SetUpLink(
    AccessDirectory directory,
    Invitations invitations,
    StorageReadiness readiness,
    IServer server,
    IHostApplicationLifetime lifetime,
    IOptions<AccessOptions> options,
    ShowSetUpLink show,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        var started = new TaskCompletionSource();
        using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        DateTime shown = DateTime.MinValue;
        while (directory.Known is not { IsSetUp: true })
        {
            Task changed = directory.Changed;
            if (IsNeeded(directory.Known) && time.UtcNow() - shown >= Invitations.ShortLifetime && await TryShowAsync(stoppingToken))
            {
                shown = time.UtcNow();
            }

            TimeSpan wait = shown == DateTime.MinValue ? RetryAfter : Invitations.ShortLifetime;
            await changed.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private bool IsNeeded(AccessBook? book) => book is { IsSetUp: false } && (options.Value.RequireSignIn || !book.IsOpen);

    private async Task<bool> TryShowAsync(CancellationToken stop)
    {
        try
        {
            if (await invitations.CreateSetUpAsync(Actor.System, stop) is { } token)
            {
                show($"\n  Make the first account of LlmEval:\n  {Address()}/setup?token={token}\n  The link holds for a day and works once.\n");
            }

            return true;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return false;
        }
    }

    private string Address()
    {
        string? address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        var binding = BindingAddress.Parse(address ?? "http://localhost:8000");
        bool isAny = binding.Host is "*" or "+" or "0.0.0.0" or "[::]";
        return $"{binding.Scheme}://{(isAny ? "localhost" : binding.Host)}:{binding.Port}{binding.PathBase}".TrimEnd('/');
    }
}
