using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Access;

/// <summary>Writes down when sessions were last used, and ends those that were not for too long.</summary>
internal sealed class SessionLoop(SessionUse use, Sessions sessions, StorageReadiness readiness, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken);
            IReadOnlyDictionary<int, DateTime> uses = use.Take();
            try
            {
                await sessions.NoteUseAsync(uses, stoppingToken);
                await sessions.EndIdleAsync(stoppingToken);
            }
            catch (Exception e) when (Outage.Is(e))
            {
                foreach ((int id, DateTime at) in uses)
                {
                    use.Note(id, at);
                }
            }
        }
    }
}
