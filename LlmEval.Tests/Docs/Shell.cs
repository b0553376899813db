using System.Diagnostics;

namespace LlmEval.Tests.Docs;

/// <summary>Runs shell snippets in an empty folder, as a reader would, but sees an error status of curl.</summary>
internal sealed class Shell : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A status of 400 or more fails; a stream is read for a moment, then left.
    private const string Curl = """
        curl() {
          local argument
          for argument; do
            if [[ $argument == -N ]]; then
              timeout 3 curl --fail-with-body -sS "$@" || (($? == 124))
              return
            fi
          done
          command curl --fail-with-body -sS "$@"
        }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-docs-").FullName;

    /// <returns>The exit code, and everything that was written.</returns>
    public async Task<(int Code, string Output)> RunAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", Curl + script])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process bash = Process.Start(start)!;
        bash.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            Task<string> output = bash.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = bash.StandardError.ReadToEndAsync(limit.Token);
            await bash.WaitForExitAsync(limit.Token);
            return (bash.ExitCode, await output + await errors);
        }
        finally
        {
            bash.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
