using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Rollups;

internal sealed class VerdictMapping : IEntityTypeConfiguration<VerdictRow>, IEntityTypeConfiguration<VerdictDelta>
{
    public void Configure(EntityTypeBuilder<VerdictRow> builder)
    {
        builder.ToTable("verdict_rollups");
        builder.HasKey(v => new { v.ProjectId, v.Quarter, v.Evaluator });
    }

    public void Configure(EntityTypeBuilder<VerdictDelta> builder)
    {
        builder.ToTable("verdict_deltas");
        builder.HasKey(v => v.Id);
    }
}
