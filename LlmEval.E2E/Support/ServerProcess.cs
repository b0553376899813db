using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text;

namespace LlmEval.E2E.Support;

/// <summary>
/// The server as its users run it: a process of its own with a database of its own, spoken to over HTTP. It can be stopped and
/// started again at the same address with the same data.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-e2e-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private readonly (string Name, string Value)[] _settings;

    private ServerProcess(int port, (string Name, string Value)[] settings)
    {
        _settings = settings;
        Url = $"http://127.0.0.1:{port}";
        Http = new HttpClient { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    public HttpClient Http { get; }

    /// <param name="settings">Of its environment.</param>
    public static async Task<ServerProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var server = new ServerProcess(FreePort(), settings);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _process = StartUnready(_folder, Url, [("LlmEval__DataFolder", Path.Combine(_folder, "data")), .. _settings]);
        _process.OutputDataReceived += (_, line) => Record(line.Data);
        _process.ErrorDataReceived += (_, line) => Record(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilReadyAsync(_process);
    }

    /// <summary>The process alone; its output is its starter's to read.</summary>
    public static Process StartUnready(string folder, string url, params (string Name, string Value)[] settings)
    {
        return Start(folder, [FindServer(), "--urls", url], settings);
    }

    /// <summary>As <see cref="StartUnready"/>, by <c>dotnet run</c>, of what the tests were built with.</summary>
    public static Process RunUnready(string url, params (string Name, string Value)[] settings)
    {
        var built = new FileInfo(BuiltServer);
        string configuration = built.Directory!.Parent!.Name;
        string project = built.Directory.Parent.Parent!.Parent!.FullName;
        return Start(Path.GetDirectoryName(project)!, ["run", "--project", project, "--no-build", "-c", configuration, "--", "--urls", url], settings);
    }

    private static Process Start(string folder, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("DATABASE_URL");
        start.Environment.Remove("REDIS_URL");
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
    }

    /// <summary>Asks the process to end, as whoever starts it anew does.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            using Process asking = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async Task PostTraceAsync(object trace)
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/webhook/trace", trace);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    public async Task EvaluateAsync(string traceId, string status)
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/api/evaluations", new { trace_id = traceId, status });
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task WaitUntilReadyAsync(Process process)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience && !process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync("/health/ready");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        Assert.Fail($"The server did not become ready. Its output:\n{Output()}");
    }

    private void Record(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    /// <summary>What it has written to its console.</summary>
    public string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    private static string BuiltServer => typeof(ServerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Server").Value!;

    private static string FindServer()
    {
        string dll = Environment.GetEnvironmentVariable("LLMEVAL_SERVER") is { Length: > 0 } given
            ? Path.GetFullPath(given)
            : BuiltServer;
        Assert.True(File.Exists(dll), $"{dll} does not exist. Build the solution, or set LLMEVAL_SERVER to the server's dll.");
        return dll;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
