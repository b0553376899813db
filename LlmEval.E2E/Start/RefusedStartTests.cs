using System.Diagnostics;
using LlmEval.E2E.Support;

namespace LlmEval.E2E.Start;

public class RefusedStartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ADatabaseThatIsNotThereEndsTheProcessWithWordsAndACodeOfItsOwn()
    {
        string? postgres = Environment.GetEnvironmentVariable("LLMEVAL_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(postgres), "LLMEVAL_TEST_POSTGRES is not set; ./test.sh starts a private server.");
        var url = new UriBuilder(postgres!) { Path = "no_such_database" };

        using Process process = ServerProcess.StartUnready(Path.GetTempPath(), $"http://127.0.0.1:{ServerProcess.FreePort()}", ("DATABASE_URL", url.Uri.AbsoluteUri));
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel);
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancel);
        try
        {
            await process.WaitForExitAsync(Cancel).WaitAsync(Patience, Cancel);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.Equal(2, process.ExitCode);
        Assert.StartsWith("LlmEval cannot start:", await errors, StringComparison.Ordinal);
        Assert.Contains("DATABASE_URL", await errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await errors + await output, StringComparison.Ordinal);
    }
}
