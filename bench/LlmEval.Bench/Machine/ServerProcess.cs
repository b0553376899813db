using System.Diagnostics;

namespace LlmEval.Bench.Machine;

/// <summary>A web server under test, on a port that survives its restarts.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(2) };

    // What the caller's environment may hold and the server must not find.
    private static readonly string[] Inherited =
        ["DATABASE_URL", "REDIS_URL", "REDIS_PASSWORD", "WEBHOOK_SECRET", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"];

    private readonly string _log;
    private readonly string _folder;
    private readonly string _readyPath;
    private readonly string[] _arguments;
    private readonly Dictionary<string, string?> _environment;
    private ChildProcess? _process;

    private ServerProcess(Scratch scratch, string name, string readyPath, string[] arguments, Dictionary<string, string?> environment)
    {
        Port = Ports.Free();
        _log = scratch.Sub(name + ".log");

        // Of its own: a server watches its working folder for changes of its settings, and others write next door.
        _folder = scratch.Sub(name);
        Directory.CreateDirectory(_folder);
        _readyPath = readyPath;
        _arguments = [.. arguments, "--urls", $"http://127.0.0.1:{Port}"];
        _environment = environment;
    }

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public int ProcessId => Process.Id;

    /// <summary>Where the embedded database lies by default.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>A program, with its first arguments, that starts the server in its place.</summary>
    public string[] Through { get; set; } = [];

    public ChildProcess Process => _process ?? throw new InvalidOperationException("the server is not running");

    /// <summary>The product, from the same build as this program.</summary>
    /// <param name="settings">Its environment: over what every run sets.</param>
    /// <param name="outlivesFileLimits">A write past the limit of file sizes fails, and does not end the process.</param>
    public static ServerProcess Product(
        Scratch scratch, string name, IEnumerable<KeyValuePair<string, string?>> settings, bool outlivesFileLimits = false)
    {
        BenchFailure.Unless(File.Exists(Repository.ServerAssembly), $"{Repository.ServerAssembly} does not exist: dotnet build -c Release LlmEval.Web");
        Dictionary<string, string?> environment = new(settings);
        environment.TryAdd("ASPNETCORE_ENVIRONMENT", "Production");
        environment.TryAdd("Logging__LogLevel__Default", "Warning");
        foreach (string inherited in Inherited)
        {
            environment.TryAdd(inherited, null);
        }

        return new ServerProcess(scratch, name, "/health/ready", [Repository.ServerAssembly], environment)
        {
            // A signal that is ignored stays ignored in the program that takes the shell's place.
            Through = outlivesFileLimits ? ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"] : [],
        };
    }

    /// <summary>One of the servers to compare with: a sub-command of this program.</summary>
    public static ServerProcess Baseline(Scratch scratch, string command, params string[] arguments)
    {
        // With the collector that the product's server runs with.
        Dictionary<string, string?> environment = new() { ["DOTNET_gcServer"] = "1" };
        string self = typeof(ServerProcess).Assembly.Location;
        return new ServerProcess(scratch, command, "/ready", [self, command, .. arguments], environment);
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task<TimeSpan> StartAsync(CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        Begin();
        await WaitUntilReadyAsync(TimeSpan.FromSeconds(60), cancel);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Starts it and does not wait.</summary>
    public void Begin()
    {
        _process?.Dispose();
        string[] words = [.. Through, "dotnet", .. _arguments];
        _process = ChildProcess.Start(_log, words[0], words[1..], _environment, _folder);
    }

    public async Task WaitUntilReadyAsync(TimeSpan atMost, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(cancel))
        {
            BenchFailure.Unless(
                !Process.HasExited,
                $"the server ended with {(Process.HasExited ? Process.ExitCode : 0)}:\n{Process.LastWords()}");
            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < atMost,
                $"the server is not ready after {atMost.TotalSeconds:0} s:\n{Process.LastWords()}");
            await Task.Delay(25, cancel);
        }
    }

    public void Kill() => Process.Kill();

    /// <summary>SIGTERM.</summary>
    /// <returns>How long it took to end; null when it still ran at the deadline.</returns>
    public async Task<TimeSpan?> StopAsync(TimeSpan atMost)
    {
        long began = Stopwatch.GetTimestamp();
        Process.Signal(Libc.SigTerm);
        return await Process.WaitForExitAsync(atMost) ? Stopwatch.GetElapsedTime(began) : null;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await Probe.GetAsync(new Uri(Url, _readyPath), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _process?.Dispose();
}
