using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Access;

/// <summary>Writes down when keys were last used. What an outage or a crash takes of it is a minute.</summary>
internal sealed partial class KeyUseLoop(KeyUse use, ApiKeys keys, StorageReadiness readiness, TimeProvider time, ILogger<KeyUseLoop> logger) : BackgroundService
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
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A fault that is ours must not end the loop, and with it the server.
                if (!Outage.Is(e))
                {
                    Log.Failed(logger, e);
                }

                foreach ((int id, DateTime at) in uses)
                {
                    use.Note(id, at);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(71, LogLevel.Error, "When keys were last used could not be written down, trying again in a minute.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
