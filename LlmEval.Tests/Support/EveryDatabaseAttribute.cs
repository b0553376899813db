using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace LlmEval.Tests.Support;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// Runs a theory once on every database; its first parameter is a <see cref="DatabaseKind"/>. Values given here fill the
/// parameters that follow; with several such attributes the theory runs on every database with each of them.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class EveryDatabaseAttribute(params object?[] values) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<DatabaseKind>().Select(Row)]);

    private TheoryDataRow Row(DatabaseKind kind)
    {
        var row = new TheoryDataRow([kind, .. values]);
        if (kind == DatabaseKind.Postgres && TestPostgres.ServerUrl is null && !Needs.IsCi)
        {
            row.Skip = TestPostgres.NotThere;
        }

        return row;
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
