using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Events;

internal sealed class EventMapping : IEntityTypeConfiguration<EventRow>, IEntityTypeConfiguration<EventHead>
{
    public void Configure(EntityTypeBuilder<EventRow> builder)
    {
        builder.ToTable("events");
        builder.HasKey(e => e.Id);
        builder.Property(e => e.Id).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<EventHead> builder)
    {
        builder.ToTable("event_head");
        builder.HasKey(h => h.Id);
        builder.Property(h => h.Id).ValueGeneratedNever();
        builder.HasData(new EventHead { Id = 1, LastId = 0 });
    }
}
