using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LlmEval.Tests.Architecture.Planted;

internal static class NamesNpgsql
{
    public static bool Is(Exception e) => e is NpgsqlException;
}

internal static class NamesSqlite
{
    public static bool Is(Exception e) => e is SqliteException;
}

internal static class ReadsTheHub
{
    public static long Head(EventHub hub) => hub.Head;
}

internal sealed class IsGivenAContext(LlmEvalDb db)
{
    public override string ToString() => db.ToString()!;
}

internal sealed class HoldsAContext
{
    public LlmEvalDb? Db { get; set; }
}

internal static class AsksForAContext
{
    public static LlmEvalDb From(IServiceProvider services) => services.GetRequiredService<LlmEvalDb>();
}
