using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Access;

/// <summary>Writes down when keys were last used. What an outage or a crash takes of it is a minute.</summary>
internal sealed partial class KeyUseLoop(KeyUse use, ApiKeys keys, StorageReadiness readiness, TimeProvider time, ILogger<KeyUseLoop> logger)
    : LastUseLoop(use, readiness, time)
{
    protected override Task WriteAsync(IReadOnlyDictionary<int, DateTime> uses, CancellationToken cancel) => keys.NoteUseAsync(uses, cancel);

    protected override void Failed(Exception e) => Log.Failed(logger, e);

    private static partial class Log
    {
        [LoggerMessage(71, LogLevel.Error, "When keys were last used could not be written down, trying again in a minute.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
