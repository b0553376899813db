using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Review;

internal sealed class ReviewMapping : IEntityTypeConfiguration<TraceLease>, IEntityTypeConfiguration<ReviewVocabulary>
{
    public void Configure(EntityTypeBuilder<TraceLease> builder)
    {
        builder.ToTable("trace_leases");
        builder.HasKey(l => new { l.ProjectId, l.TraceId });
        builder.HasIndex(l => l.Holder);
    }

    public void Configure(EntityTypeBuilder<ReviewVocabulary> builder)
    {
        builder.ToTable("review_vocabularies");
        builder.HasKey(v => v.ProjectId);
        builder.Property(v => v.ProjectId).ValueGeneratedNever();
    }
}
