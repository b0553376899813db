using System.Globalization;
using Npgsql;

namespace LlmEval.Bench.Machine;

/// <summary>
/// A PostgreSQL server of our own on a free port, with durability on. PostgreSQL refuses to run as root, so then it runs as
/// the user <c>postgres</c>.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "bench";
    private static readonly string Tools = FindTools();

    private readonly string _folder;
    private readonly string _log;
    private readonly string[] _settings;

    private PrivatePostgres(string folder, string log, int port, bool big, int connections)
    {
        _folder = folder;
        _log = log;
        Port = port;
        _settings =
        [
            $"port={port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={folder}", $"max_connections={connections}",
            "fsync=on", "synchronous_commit=on", "full_page_writes=on", "jit=off", "checkpoint_timeout=15min",
            .. big ? ["shared_buffers=1GB", "min_wal_size=2GB", "max_wal_size=8GB"] : (string[])["shared_buffers=128MB", "max_wal_size=2GB"],
        ];
    }

    public int Port { get; }

    /// <summary>The postmaster's process; its children are the backends.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(_folder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <param name="big">With the memory of a measurement; drills do with less.</param>
    public static async Task<PrivatePostgres> StartAsync(Scratch scratch, bool big, CancellationToken cancel, int connections = 200)
    {
        string folder = scratch.Sub("pg");
        Directory.CreateDirectory(folder);
        var server = new PrivatePostgres(folder, scratch.Sub("postgres-tools.log"), Ports.Free(), big, connections);
        if (Libc.EffectiveUser() == 0)
        {
            await ChildProcess.RunAsync(server._log, "chown", ["postgres", folder], cancel);
        }

        await server.RunAsync(
            "initdb",
            ["-D", folder, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--lc-collate=C", "--no-sync", "--no-instructions"],
            cancel);
        await server.StartAsync(cancel);
        if (big)
        {
            await server.SettleAsync();
        }

        return server;
    }

    /// <summary>
    /// As a server is that has run for a while: its memory was touched before, and the files of its log are used again. A new one
    /// makes such a file, of 16 MB, while a commit waits for it.
    /// </summary>
    private async Task SettleAsync()
    {
        await ExecuteAsync("postgres", "CREATE TABLE filler (filling text)");
        await ExecuteAsync("postgres", "INSERT INTO filler SELECT repeat('x', 1900) FROM generate_series(1, 650000)");
        await ExecuteAsync("postgres", "DROP TABLE filler");
        await ExecuteAsync("postgres", "CHECKPOINT");
    }

    public Task StartAsync(CancellationToken cancel) => ControlAsync(["start"], cancel);

    /// <summary>As an administrator does: who is connected is told and cut off.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        NpgsqlConnection.ClearAllPools();
        await ControlAsync(["-m", "fast", "restart"], cancel);
    }

    private async Task ControlAsync(string[] order, CancellationToken cancel)
    {
        string options = string.Join(' ', _settings.Select(s => $"-c {s}"));
        string log = Path.Combine(_folder, "server.log");
        await RunAsync("pg_ctl", ["-D", _folder, "-w", "-t", "60", "-l", log, "-o", options, .. order], cancel);
    }

    /// <summary>As a crash does: no checkpoint, open transactions are lost.</summary>
    public async Task StopImmediatelyAsync(CancellationToken cancel)
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", ["-D", _folder, "-w", "-m", "immediate", "stop"], cancel);
    }

    /// <summary>Holds every process of the server: connections stay open, and nothing answers.</summary>
    public void Pause() => Signal(Libc.SigStop);

    public void Resume() => Signal(Libc.SigCont);

    public string Url(string database) => Url(database, Port);

    /// <param name="port">Of what stands before it.</param>
    public string Url(string database, int port, string user = User) => $"postgresql://{user}@127.0.0.1:{port}/{database}";

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Username={User};Database={database}";

    /// <param name="template">A database that nobody is connected to; the new one begins as its copy.</param>
    public async Task CreateDatabaseAsync(string name, string template = "template0") =>
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template}");

    public async Task DropDatabaseAsync(string name) => await ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false;Command Timeout=600");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false;Command Timeout=600");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private void Signal(int signal)
    {
        int postmaster = ProcessId;
        string children = File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children");
        foreach (int process in children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Prepend(postmaster))
        {
            _ = Libc.Kill(process, signal);
        }
    }

    private Task RunAsync(string tool, string[] arguments, CancellationToken cancel)
    {
        string path = Path.Combine(Tools, tool);
        return Libc.EffectiveUser() == 0
            ? ChildProcess.RunAsync(_log, "runuser", ["-u", "postgres", "--", path, .. arguments], cancel)
            : ChildProcess.RunAsync(_log, path, arguments, cancel);
    }

    private static string FindTools()
    {
        const string versions = "/usr/lib/postgresql";
        IEnumerable<string> packaged = Directory.Exists(versions) ? Directory.EnumerateDirectories(versions) : [];
        packaged = packaged.OrderByDescending(f => f, StringComparer.Ordinal).Select(f => Path.Combine(f, "bin"));
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(onPath).FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")))
            ?? throw new BenchFailure("PostgreSQL's server programs (initdb, pg_ctl) were not found: install the package postgresql");
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_folder, "postmaster.pid")))
        {
            await StopImmediatelyAsync(CancellationToken.None);
        }
    }
}
