using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Live;

/// <summary>A hub without a database, and verbs for what happens to traces.</summary>
internal sealed class TestLog : IDisposable
{
    private long _last;

    public TestLog(TimeProvider time)
    {
        Hub = new EventHub(time);
        Hub.Start(0);
        Log = new EventLog(new NoDatabase());
        Feed = new EventFeed(Hub, Log);
    }

    public EventHub Hub { get; }

    public EventLog Log { get; }

    public EventFeed Feed { get; }

    public LogEvent Stored(Trace trace) => Publish(TraceEvents.New(trace, SomeTrace.Now));

    public LogEvent Updated(Trace trace) => Publish(TraceEvents.Updated(trace, SomeTrace.Now));

    public LogEvent Deleted(Trace trace) => Publish(TraceEvents.Deleted(trace, SomeTrace.Now));

    /// <summary>Changes the trace too, as the store would have.</summary>
    public LogEvent Evaluated(Trace trace, EvaluationStatus status)
    {
        var verdict = new Evaluation { TraceId = trace.TraceId, Status = status, PreviousStatus = trace.Status, Version = ++trace.Version };
        trace.Status = status;
        return Publish(TraceEvents.Evaluated(trace, verdict, SomeTrace.Now));
    }

    /// <summary>Traces that nobody names are gone.</summary>
    public LogEvent Swept(int count) => Publish(TraceEvents.Swept(Projects.Default, count, SomeTrace.Now));

    /// <summary>Many events that mean nothing to anybody.</summary>
    public void Flood(int count)
    {
        PendingEvent system = new(Projects.Default, EventAction.System, "", "", default, null, """{"event":"system_updates","data":{}}"""u8.ToArray());
        Hub.Publish([.. Enumerable.Range(0, count).Select(_ => Number(system))]);
    }

    private LogEvent Publish(PendingEvent pending)
    {
        LogEvent numbered = Number(pending);
        Hub.Publish([numbered]);
        return numbered;
    }

    /// <summary>As the log would have numbered it.</summary>
    public static LogEvent Number(long id, PendingEvent e) =>
        new(id, e.ProjectId, e.Action, e.TraceId, e.ModelName, e.Status, e.PreviousStatus, EventFrame.Encode(id, e.Payload));

    private LogEvent Number(PendingEvent e) => Number(++_last, e);

    public void Dispose() => Hub.Dispose();

    /// <summary>One that is away.</summary>
    internal sealed class NoDatabase : IDbContextFactory<LlmEvalDb>
    {
        public LlmEvalDb CreateDbContext() => throw new TimeoutException("This test has no database.");
    }
}
