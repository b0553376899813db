using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Rollups;

internal sealed class RollupMapping : IEntityTypeConfiguration<RollupRow>, IEntityTypeConfiguration<RollupDelta>
{
    public void Configure(EntityTypeBuilder<RollupRow> builder)
    {
        builder.ToTable("rollups");
        builder.HasKey(r => new { r.ProjectId, r.Grain, r.Bucket, r.ModelName });
        builder.Ignore(r => r.Traces);
    }

    public void Configure(EntityTypeBuilder<RollupDelta> builder)
    {
        builder.ToTable("rollup_deltas");
        builder.HasKey(d => d.Id);
        builder.Ignore(d => d.Traces);
    }
}
