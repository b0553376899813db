namespace LlmEval.Core.Access;

/// <summary>The one row that every change of access locks and counts up, so that replicas see that there was one.</summary>
public sealed class AccessHead
{
    public int Id { get; set; }

    public long Version { get; set; }

    /// <summary>The first owner was made: nobody becomes one by the set-up link again.</summary>
    public bool IsSetUp { get; set; }
}
