using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Search;

/// <summary>The table with the words is made by the migrations alone: EF Core knows neither kind.</summary>
internal sealed class SearchMapping : IEntityTypeConfiguration<Projection>, IEntityTypeConfiguration<SearchRemoval>
{
    public void Configure(EntityTypeBuilder<Projection> builder)
    {
        builder.ToTable("projections");
        builder.HasKey(p => p.Name);
        builder.HasData(new Projection { Name = Projection.Search, UpdatedAt = DateTime.UnixEpoch });
    }

    public void Configure(EntityTypeBuilder<SearchRemoval> builder)
    {
        builder.ToTable("search_removals");
        builder.HasKey(r => r.TraceRowId);
        builder.Property(r => r.TraceRowId).ValueGeneratedNever();
    }
}
