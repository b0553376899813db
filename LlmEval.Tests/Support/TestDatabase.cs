using Microsoft.Extensions.Configuration;

namespace LlmEval.Tests.Support;

/// <summary>A database of its own for one test: empty, with its tables, and gone when disposed.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _name;

    private TestDatabase(DatabaseKind kind, string name, IReadOnlyDictionary<string, string?> settings)
    {
        Kind = kind;
        _name = name;
        Settings = settings;
    }

    public DatabaseKind Kind { get; }

    /// <summary>What the product's configuration needs to find it.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

    public IConfigurationRoot Configuration => new ConfigurationBuilder().AddInMemoryCollection(Settings).Build();

    /// <summary>On SQLite the folder that holds the file; on PostgreSQL the value of DATABASE_URL.</summary>
    public string Address => Settings.Values.Single()!;

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Postgres && TestPostgres.ServerUrl is null)
        {
            Needs.SkipOrFail(TestPostgres.NotThere);
        }

        return await CreateAsync(kind, await DatabaseTemplates.GetAsync(kind));
    }

    /// <summary>Without tables, as the first start finds it.</summary>
    public static Task<TestDatabase> CreateBareAsync(DatabaseKind kind) => CreateAsync(kind, template: null);

    private static async Task<TestDatabase> CreateAsync(DatabaseKind kind, TestDatabase? template)
    {
        string name = $"llmeval_test_{Guid.NewGuid():N}";
        if (kind == DatabaseKind.Postgres)
        {
            string url = await TestPostgres.CreateAsync(name, template?._name);
            return new TestDatabase(kind, name, new Dictionary<string, string?> { ["DATABASE_URL"] = url });
        }

        string folder = Directory.CreateTempSubdirectory("llmeval-test-").FullName;
        foreach (string file in template is null ? [] : Directory.EnumerateFiles(template.Address, "llmeval.db*"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return new TestDatabase(kind, name, new Dictionary<string, string?> { ["LlmEval:DataFolder"] = folder });
    }

    public async ValueTask DisposeAsync()
    {
        if (Kind == DatabaseKind.Postgres)
        {
            await TestPostgres.DropAsync(_name);
        }
        else
        {
            await DeleteAsync();
        }
    }

    /// <summary>A statement that the server has given up on, as a clock that is moved makes it do, may be at its files for a moment longer.</summary>
    private async Task DeleteAsync()
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(Address, recursive: true);
                return;
            }
            catch (IOException) when (tries < 20)
            {
                await Task.Delay(50);
            }
        }
    }
}
