using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Alerts;

internal sealed class AlertMapping :
    IEntityTypeConfiguration<Alert>, IEntityTypeConfiguration<AlertRule>, IEntityTypeConfiguration<AlertMute>, IEntityTypeConfiguration<AlertTurn>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts");
        builder.HasKey(a => a.Id);
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Ignore(a => a.IsOpen);
        builder.HasIndex(a => new { a.ProjectId, a.RaisedAt });
        builder.HasIndex(a => a.ClearedAt);
    }

    public void Configure(EntityTypeBuilder<AlertRule> builder)
    {
        builder.ToTable("alert_rules");
        builder.HasKey(r => r.Key);
        builder.HasIndex(r => r.ProjectId);
        builder.Ignore(r => r.Facts).Ignore(r => r.IsBuiltIn).Ignore(r => r.Window).Ignore(r => r.ClearFor).Ignore(r => r.ClearForSeconds).Ignore(r => r.ClearAt).Ignore(r => r.ForgetAfter);
    }

    public void Configure(EntityTypeBuilder<AlertMute> builder)
    {
        builder.ToTable("alert_mutes");
        builder.HasKey(m => new { m.ProjectId, m.RuleKey });
    }

    public void Configure(EntityTypeBuilder<AlertTurn> builder)
    {
        builder.ToTable("alert_turn");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Id).ValueGeneratedNever();
    }
}
