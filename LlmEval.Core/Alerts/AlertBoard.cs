using LlmEval.Core.Primitives;

namespace LlmEval.Core.Alerts;

/// <param name="IsMuted">Neither announced nor counted.</param>
public sealed record OpenAlert(Alert Alert, bool IsMuted);

/// <summary>The open alerts as this replica knows them, with or without a database, and the rules and mutes as they were last read.</summary>
public sealed class AlertBoard(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Signal _changed = new();
    private readonly Dictionary<Guid, Alert> _raised = [];

    // Each with whether that is written.
    private readonly Dictionary<Guid, bool> _cleared = [];
    private IReadOnlyList<Alert> _stored = [];
    private IReadOnlyList<AlertMute> _mutes = [];

    /// <summary>Completes at the next change. Take it before reading.</summary>
    public Task Changed => _changed.Next;

    /// <summary>The rules that people made; empty before they were first read.</summary>
    public IReadOnlyList<AlertRule> Rules { get; private set; } = [];

    /// <summary>What is open in the database, as last read, but for what was cleared since.</summary>
    public IReadOnlyList<Alert> Stored
    {
        get
        {
            lock (_lock)
            {
                return [.. _stored.Where(a => !_cleared.ContainsKey(a.Id))];
            }
        }
    }

    /// <summary>Those of the server and of a project, the newest first.</summary>
    public IReadOnlyList<OpenAlert> Open(int projectId)
    {
        lock (_lock)
        {
            return
            [
                .. _stored.Where(a => !_raised.ContainsKey(a.Id)).Concat(_raised.Values)
                    .Where(a => a.IsOpen && !_cleared.ContainsKey(a.Id) && (a.ProjectId == projectId || a.ProjectId == AlertRule.Server))
                    .OrderByDescending(a => a.RaisedAt)
                    .Select(a => new OpenAlert(a, IsMuted(a))),
            ];
        }
    }

    /// <summary>When an alert was announced, as far as this replica knows; null for one that was not.</summary>
    internal DateTime? AnnouncedAt(Guid id)
    {
        lock (_lock)
        {
            return _raised.GetValueOrDefault(id)?.AnnouncedAt ?? _stored.FirstOrDefault(a => a.Id == id)?.AnnouncedAt;
        }
    }

    public bool IsMuted(Alert alert) => MutedUntil(alert.ProjectId, alert.RuleKey) is not null;

    /// <summary>Null when alerts of the rule are announced.</summary>
    public DateTime? MutedUntil(int projectId, string ruleKey)
    {
        DateTime now = time.UtcNow();
        return Volatile.Read(ref _mutes).FirstOrDefault(m => m.ProjectId == projectId && m.RuleKey == ruleKey && m.Until > now)?.Until;
    }

    /// <summary>What is raised is shown at once, and until it is found in the database or cleared.</summary>
    internal void Take(AlertChange change)
    {
        lock (_lock)
        {
            if (change.IsRaised)
            {
                _raised[change.Alert.Id] = change.Alert;
            }
            else
            {
                _raised.Remove(change.Alert.Id);
                _cleared[change.Alert.Id] = false;
            }
        }

        _changed.Raise();
    }

    /// <summary>What was cleared is in the database now: once that is read, there is no need to remember it.</summary>
    internal void Note(AlertChange written)
    {
        lock (_lock)
        {
            if (!written.IsRaised && _cleared.ContainsKey(written.Alert.Id))
            {
                _cleared[written.Alert.Id] = true;
            }
        }
    }

    /// <summary>Takes what was read from the database.</summary>
    internal void Take(IReadOnlyList<Alert> open, IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertMute> mutes)
    {
        lock (_lock)
        {
            Volatile.Write(ref _stored, open);
            Volatile.Write(ref _mutes, mutes);
            Rules = rules;
            foreach (Alert alert in open)
            {
                _raised.Remove(alert.Id);
            }

            // One whose end is yet to be written may be yet to be found here: it was raised and cleared while the database was away.
            foreach (Guid id in _cleared.Where(entry => entry.Value && !open.Any(a => a.Id == entry.Key)).Select(entry => entry.Key).ToList())
            {
                _cleared.Remove(id);
            }
        }

        _changed.Raise();
    }
}
