using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Access;

/// <summary>Writes down when keys were last used. What an outage or a crash takes of it is a minute.</summary>
internal sealed class KeyUseLoop(KeyUse use, ApiKeys keys, StorageReadiness readiness, TimeProvider time) : BackgroundService
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
                await keys.NoteUseAsync(uses, stoppingToken);
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
