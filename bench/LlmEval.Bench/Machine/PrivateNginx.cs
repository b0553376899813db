namespace LlmEval.Bench.Machine;

/// <summary>nginx on a free port with the configuration that we ship, before servers on this machine.</summary>
internal sealed class PrivateNginx : IDisposable
{
    private static readonly string[] Usual = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

    private readonly ChildProcess _process;

    private PrivateNginx(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public static async Task<PrivateNginx> StartAsync(Scratch scratch, IReadOnlyList<int> replicas, CancellationToken cancel)
    {
        string program = Usual.FirstOrDefault(File.Exists) ?? throw new BenchFailure("nginx was not found: install the package nginx");
        int port = Ports.Free();
        string folder = scratch.Sub("nginx");
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, Adapt(port, folder, replicas), cancel);
        string user = Libc.EffectiveUser() == 0 ? " user root;" : "";
        ChildProcess process = ChildProcess.Start(
            scratch.Sub("nginx.log"), program, ["-p", folder, "-e", "stderr", "-c", file, "-g", $"daemon off;{user}"]);
        await Ports.UntilOpenAsync(port, process, "nginx", cancel);
        return new PrivateNginx(process, port);
    }

    private static string Adapt(int port, string folder, IReadOnlyList<int> replicas)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "nginx.conf"));
        text = Replace(text, "listen 8080;", $"listen 127.0.0.1:{port};");
        text = Replace(text, " /tmp/", $" {folder}/");
        for (int i = 0; i < replicas.Count; i++)
        {
            text = Replace(text, $"api{i + 1}:8000", $"127.0.0.1:{replicas[i]}");
        }

        return text;
    }

    private static string Replace(string text, string what, string by)
    {
        BenchFailure.Unless(text.Contains(what, StringComparison.Ordinal), $"deploy/nginx.conf has no \"{what}\"");
        return text.Replace(what, by, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        // The master takes its workers along; SIGKILL would leave them behind.
        _process.Signal(Libc.SigTerm);
        _process.WaitForExitAsync(TimeSpan.FromSeconds(5)).GetAwaiter().GetResult();
        _process.Dispose();
    }
}
