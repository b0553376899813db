using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Access;

/// <summary>Writes down when sessions were last used, and ends those that were not for too long.</summary>
internal sealed partial class SessionLoop(SessionUse use, Sessions sessions, StorageReadiness readiness, TimeProvider time, ILogger<SessionLoop> logger)
    : LastUseLoop(use, readiness, time)
{
    protected override async Task WriteAsync(IReadOnlyDictionary<int, DateTime> uses, CancellationToken cancel)
    {
        await sessions.NoteUseAsync(uses, cancel);
        await sessions.EndIdleAsync(cancel);
    }

    protected override void Failed(Exception e) => Log.Failed(logger, e);

    private static partial class Log
    {
        [LoggerMessage(72, LogLevel.Error, "When sessions were last used could not be written down, trying again in a minute.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
