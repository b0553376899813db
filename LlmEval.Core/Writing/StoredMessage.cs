using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Writing;

/// <summary>A signed message that was stored, and its answer: whoever sends it again gets that, and nothing is done a second time.</summary>
internal sealed class StoredMessage
{
    public int ProjectId { get; set; }

    /// <summary>See <see cref="SignedMessage.Digest"/>.</summary>
    public required byte[] Digest { get; set; }

    /// <summary>See <see cref="AnsweredMessage.Outcomes"/>.</summary>
    public required byte[] Outcomes { get; set; }

    public DateTime ReceivedAt { get; set; }
}

internal sealed class StoredMessageMapping : IEntityTypeConfiguration<StoredMessage>
{
    public void Configure(EntityTypeBuilder<StoredMessage> builder)
    {
        builder.ToTable("webhook_messages");
        builder.HasKey(m => new { m.ProjectId, m.Digest });
        builder.HasIndex(m => m.ReceivedAt);
    }
}
