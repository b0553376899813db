namespace LlmEval.Core.Events;

/// <summary>The event log ends before events that this process has seen. It has to be started anew.</summary>
public sealed class EventLogSetBackException(long known, long head) : Exception(
    $"The event log ended at {known} and now ends at {head}: the database was set back while this server ran. Run deploy/after-restore.sql "
    + "with every replica stopped, and start them again.");
