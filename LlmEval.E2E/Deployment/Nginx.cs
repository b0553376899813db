using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmEval.E2E.Support;

namespace LlmEval.E2E.Deployment;

/// <summary>nginx with the configuration that we ship, on a free port.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-nginx-").FullName;
    private readonly HttpClientHandler _handler = new() { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
    private readonly int _port = ServerProcess.FreePort();
    private Process? _process;

    private Nginx(bool tls) => Http = new HttpClient(_handler) { BaseAddress = new Uri($"{(tls ? "https" : "http")}://127.0.0.1:{_port}") };

    public HttpClient Http { get; }

    /// <param name="server">Where all replicas are; without it none answers.</param>
    /// <param name="changes">What an operator writes in the place of what stands there.</param>
    public static async Task<Nginx> StartAsync(int? server = null, (string From, string To)[]? changes = null, bool tls = false)
    {
        var nginx = new Nginx(tls);
        try
        {
            await nginx.RunAsync(server ?? ServerProcess.FreePort(), changes ?? [], tls);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync(int server, (string From, string To)[] changes, bool tls)
    {
        string text = await File.ReadAllTextAsync(FindConfiguration());
        (string, string)[] here = [(" /tmp/", $" {_folder}/"), .. changes, .. tls ? Tls() : [("listen 8080;", $"listen 127.0.0.1:{_port};")]];
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)[.. here, .. Enumerable.Range(1, 3).Select(i => ($"api{i}:8000", $"127.0.0.1:{server}"))])
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        string file = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(file, text);
        string user = Environment.UserName == "root" ? " user root;" : "";
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-p", _folder, "-e", "stderr", "-c", file, "-g", $"daemon off;{user}"])
        {
            RedirectStandardError = true,
        })!;
        Task<string> errors = _process.StandardError.ReadToEndAsync();
        var waited = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            Assert.False(_process.HasExited, _process.HasExited ? await errors : "");
            Assert.True(waited.Elapsed < Patience, "nginx does not answer.");
            await Task.Delay(50);
        }
    }

    private (string, string)[] Tls()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        return
        [
            ("listen 8080;", ""),
            ("# listen 8443 ssl;", $"listen 127.0.0.1:{_port} ssl;"),
            ("# ssl_certificate /tls/", $"ssl_certificate {_folder}/"),
            ("# ssl_certificate_key /tls/", $"ssl_certificate_key {_folder}/"),
        ];
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FindConfiguration()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "deploy", "nginx.conf");
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new FileNotFoundException($"No deploy/nginx.conf above {AppContext.BaseDirectory}.");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        if (_process is { } process)
        {
            // Told to stop, the master takes its workers along; killed, it would leave them behind.
            using (Process? tell = process.HasExited ? null : Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await process.WaitForExitAsync().WaitAsync(Patience);
            }

            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
