using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace LlmEval.Bench.Baselines;

/// <summary>A table like the product's, written as most applications write: one context and one SaveChanges a request.</summary>
internal sealed partial class EfTraces(DbContextOptions<EfTraces> options) : DbContext(options)
{
    public const string Table = "ef_traces";

    public static Func<BareTrace, CancellationToken, Task> Writer(string connectionString)
    {
        DbContextOptions<EfTraces> options = new DbContextOptionsBuilder<EfTraces>().UseNpgsql(connectionString).Options;
        var factory = new Microsoft.EntityFrameworkCore.Infrastructure.PooledDbContextFactory<EfTraces>(options);
        return async (trace, cancel) =>
        {
            await using EfTraces db = await factory.CreateDbContextAsync(cancel);
            db.Add(ToRow(trace));
            await db.SaveChangesAsync(cancel);
        };
    }

    public static Trace ToRow(BareTrace trace)
    {
        DateTime now = DateTime.UtcNow;
        return new Trace
        {
            ProjectId = 1,
            TraceId = trace.TraceId,
            ContentHash = new byte[16],
            Timestamp = trace.Timestamp?.UtcDateTime ?? now,
            ReceivedAt = now,
            ModelName = trace.ModelName,
            UserQuery = trace.UserQuery,
            AiResponse = trace.AiResponse,
            SystemPrompt = trace.SystemPrompt,
            FunctionsCalled = trace.FunctionsCalled is null ? null : JsonSerializer.Serialize(trace.FunctionsCalled),
            Metadata = trace.Metadata is null ? null : JsonSerializer.Serialize(trace.Metadata),
            TokensUsed = trace.TokensUsed,
            PromptTokens = trace.PromptTokens,
            CompletionTokens = trace.CompletionTokens,
            ResponseTimeMs = trace.ResponseTimeMs,
            Cost = trace.Cost,
            UserId = trace.Metadata?.GetValueOrDefault("user_id").GetString(),
            Version = 1,
        };
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Trace>(trace =>
        {
            trace.ToTable(Table).HasKey(t => t.Id);
            trace.Property(t => t.FunctionsCalled).HasColumnType("json");
            trace.Property(t => t.Metadata).HasColumnType("json");
            trace.Property(t => t.Error).HasColumnType("json");
        });
        foreach (IMutableProperty property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            property.SetColumnName(WordStart().Replace(property.Name, "_$1").ToLowerInvariant());
        }
    }

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
