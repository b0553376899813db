using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Access;

/// <summary>Writes down when sessions were last used, and ends those that were not for too long.</summary>
internal sealed partial class SessionLoop(SessionUse use, Sessions sessions, StorageReadiness readiness, TimeProvider time, ILogger<SessionLoop> logger) : BackgroundService
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
        [LoggerMessage(72, LogLevel.Error, "When sessions were last used could not be written down, trying again in a minute.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
