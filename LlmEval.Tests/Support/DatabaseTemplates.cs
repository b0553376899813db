using LlmEval.Tests.Support;

[assembly: AssemblyFixture(typeof(DatabaseTemplates))]

// A third of the time of a test goes by waiting for a database, a server or a timer: with one thread a core, the cores would wait too.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace LlmEval.Tests.Support;

/// <summary>One database of each kind is brought up to date by the product; every test's own begins as a copy of it.</summary>
public sealed class DatabaseTemplates : IAsyncDisposable
{
    private static readonly Dictionary<DatabaseKind, Lazy<Task<TestDatabase>>> Templates =
        Enum.GetValues<DatabaseKind>().ToDictionary(kind => kind, kind => new Lazy<Task<TestDatabase>>(() => MakeAsync(kind)));

    internal static Task<TestDatabase> GetAsync(DatabaseKind kind) => Templates[kind].Value;

    private static async Task<TestDatabase> MakeAsync(DatabaseKind kind)
    {
        TestDatabase database = await TestDatabase.CreateBareAsync(kind);
        try
        {
            TestCore core = await TestCore.StartAsync(database);
            // Copies need it closed.
            await core.DisposeAsync();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<TestDatabase>> template in Templates.Values)
        {
            if (template is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            {
                await (await template.Value).DisposeAsync();
            }
        }
    }
}
