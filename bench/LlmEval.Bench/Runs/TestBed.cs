using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Runs;

/// <summary>What a run needs around the server: a folder, a PostgreSQL with a migrated database to copy, perhaps a Redis.</summary>
internal sealed class TestBed : IAsyncDisposable
{
    /// <summary>A database with the product's tables, to copy.</summary>
    public const string Migrated = "migrated";

    private int _databases;

    private TestBed(Scratch scratch, PrivatePostgres postgres, PrivateRedis? redis)
    {
        Scratch = scratch;
        Postgres = postgres;
        Redis = redis;
    }

    public Scratch Scratch { get; }

    public PrivatePostgres Postgres { get; }

    public PrivateRedis? Redis { get; }

    /// <summary>The name of the database made last.</summary>
    public string Database { get; private set; } = "";

    public static async Task<TestBed> StartAsync(Arguments arguments, bool big, bool redis, CancellationToken cancel, bool migrate = true, int connections = 200)
    {
        var scratch = new Scratch(arguments.Has("keep"));
        PrivatePostgres? postgres = null;
        PrivateRedis? cache = null;
        try
        {
            postgres = await PrivatePostgres.StartAsync(scratch, big, cancel, connections);
            cache = redis ? await PrivateRedis.StartAsync(scratch, cancel) : null;
            var bed = new TestBed(scratch, postgres, cache);
            if (migrate)
            {
                await postgres.CreateDatabaseAsync(Migrated);
                await bed.MigrateAsync(cancel);
            }

            return bed;
        }
        catch
        {
            cache?.Dispose();
            await (postgres?.DisposeAsync() ?? default);
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>An empty database with the product's tables, with nothing left of earlier ones to be written back.</summary>
    public async Task<string> NewDatabaseAsync(bool dropLast = true)
    {
        if (dropLast && Database.Length > 0)
        {
            await Postgres.DropDatabaseAsync(Database);
        }

        Database = $"run_{++_databases}";
        await Postgres.CreateDatabaseAsync(Database, Migrated);
        await Postgres.ExecuteAsync("postgres", "CHECKPOINT");
        return Database;
    }

    public ServerProcess Server(string name, string database, bool indexer = true, bool metrics = true) =>
        Server(name, [.. On(database), new("LlmEval__Monitoring__Prometheus", metrics ? "true" : "false")], indexer);

    /// <summary>One of several behind a proxy on this machine.</summary>
    public ServerProcess Replica(string name, string database) =>
        With(name, database, [new("LlmEval__Proxies__0", "127.0.0.1"), new("LlmEval__AllowAnonymous", "true")]);

    /// <param name="settings">Over those that every server of the bed has.</param>
    public ServerProcess With(string name, string? database, IEnumerable<KeyValuePair<string, string?>> settings, bool indexer = true)
    {
        Dictionary<string, string?> all = database is null ? [] : new(On(database));
        foreach ((string key, string? value) in settings)
        {
            all[key] = value;
        }

        return Server(name, all, indexer);
    }

    public ServerProcess SqliteServer(string name, bool indexer = true) => Server(name, [], indexer);

    private KeyValuePair<string, string?>[] On(string database) =>
        [new("DATABASE_URL", Postgres.Url(database)), new("REDIS_URL", Redis?.Url)];

    private ServerProcess Server(string name, IEnumerable<KeyValuePair<string, string?>> settings, bool indexer) => ServerProcess.Product(
        Scratch, name, [.. settings, new("LlmEval__Search__Paused", indexer ? "false" : "true")]);

    // The server migrates at its start; it then has to let go of the database, which becomes a template.
    private async Task MigrateAsync(CancellationToken cancel)
    {
        using ServerProcess server = Server("migrate", Migrated);
        await server.StartAsync(cancel);
        await server.StopAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        Redis?.Dispose();
        await Postgres.DisposeAsync();
        Scratch.Dispose();
    }
}
