namespace LlmEval.Core.Access;

/// <summary>
/// What senders of a project's webhooks sign with. Several hold at a time while one takes the place of another. It is kept as it
/// is: checking a signature needs it.
/// </summary>
public sealed class WebhookSecret
{
    public int Id { get; set; }

    public int ProjectId { get; set; }

    public required string Secret { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime? ExpiresAt { get; set; }
}
