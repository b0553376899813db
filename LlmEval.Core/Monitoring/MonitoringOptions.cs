using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Monitoring;

/// <summary>Section <c>LlmEval:Monitoring</c>.</summary>
public sealed class MonitoringOptions
{
    /// <summary>What this process is called beside others on the same database.</summary>
    [Required, StringLength(100)]
    public string Replica { get; set; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Whether <c>/metrics</c> is there for Prometheus.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>Whether the log is written as JSON, one object a line, with the trace context of requests.</summary>
    public bool JsonLog { get; set; }
}
