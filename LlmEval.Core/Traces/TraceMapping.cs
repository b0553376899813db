using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Traces;

internal sealed class TraceMapping : IEntityTypeConfiguration<Trace>, IEntityTypeConfiguration<Evaluation>
{
    public void Configure(EntityTypeBuilder<Trace> builder)
    {
        builder.ToTable("traces");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.FunctionsCalled).IsJsonText();
        builder.Property(t => t.Metadata).IsJsonText();
        builder.Property(t => t.Error).IsJsonText();

        builder.HasIndex(t => new { t.ProjectId, t.TraceId }).IsUnique();

        // Newest first is always (timestamp, id); each index answers one frequent filter in that order. The rare fields index
        // only the rows that have them, so that traces without pay nothing.
        builder.HasIndex(t => new { t.ProjectId, t.Timestamp, t.Id });
        builder.HasIndex(t => new { t.ProjectId, t.ModelName, t.Status, t.Timestamp, t.Id });
        builder.HasIndex(t => new { t.ProjectId, t.Status, t.Timestamp, t.Id });
        builder.HasIndex(t => new { t.ProjectId, t.SessionId, t.Timestamp, t.Id }).HasFilter("session_id IS NOT NULL");
        builder.HasIndex(t => new { t.ProjectId, t.UserId, t.Timestamp, t.Id }).HasFilter("user_id IS NOT NULL");
        builder.HasIndex(t => new { t.ProjectId, t.ParentId, t.Timestamp, t.Id }).HasFilter("parent_id IS NOT NULL");
        builder.HasIndex(t => new { t.ProjectId, t.Timestamp, t.Id }, "ix_traces_with_error").HasFilter("has_error");
    }

    public void Configure(EntityTypeBuilder<Evaluation> builder)
    {
        builder.ToTable("evaluations");
        builder.HasKey(e => e.Id);
        builder.HasIndex(e => new { e.ProjectId, e.TraceId, e.Id });
        builder.HasIndex(e => new { e.ProjectId, e.CreatedAt });
        builder.HasIndex(e => new { e.ProjectId, e.TraceId, e.Undoes }).HasFilter("undoes IS NOT NULL");
    }
}
