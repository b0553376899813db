namespace LlmEval.Core.Events;

/// <summary>
/// Tells other replicas that the log has grown. Only a hint: losing one costs delay, never an event, because readers follow the
/// log itself.
/// </summary>
public interface IEventHint
{
    /// <summary>Whether hints reach other replicas, so that asking the database can wait longer.</summary>
    bool IsHeard { get; }

    /// <summary>Another replica said that there is more. Raised on any thread.</summary>
    event Action? Heard;

    /// <summary>Says that the log now ends at an id. Never waits and never throws.</summary>
    void Announce(long head);
}

/// <summary>Without a channel between replicas, each asks the database.</summary>
internal sealed class NoEventHint : IEventHint
{
    public bool IsHeard => false;

    public event Action? Heard
    {
        add { }
        remove { }
    }

    public void Announce(long head)
    {
    }
}
