using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using LlmEval.E2E.Support;

namespace LlmEval.E2E.Start;

/// <summary>The first command of the README.</summary>
public partial class UnpublishedStartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DotnetRunServesThePagesWithTheirStylesAndScripts()
    {
        string folder = Directory.CreateTempSubdirectory("llmeval-run-").FullName;
        var url = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}/");
        using Process process = ServerProcess.RunUnready(url.AbsoluteUri, ("LlmEval__DataFolder", folder));
        _ = process.StandardOutput.ReadToEndAsync(Cancel);
        _ = process.StandardError.ReadToEndAsync(Cancel);
        try
        {
            using var http = new HttpClient { BaseAddress = url };
            string page = await UntilAnsweredAsync(http, process);

            string[] files = [.. FileOfPage().Matches(page).Select(file => WebUtility.HtmlDecode(file.Groups["path"].Value))];
            Assert.Contains(files, file => file.Contains("blazor.web", StringComparison.Ordinal));
            Assert.Contains(files, file => file.Contains("MudBlazor", StringComparison.Ordinal));
            foreach (string file in files)
            {
                using HttpResponseMessage answer = await http.GetAsync(file, Cancel);
                Assert.True(answer.IsSuccessStatusCode, $"{file}: {(int)answer.StatusCode}");
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> UntilAnsweredAsync(HttpClient http, Process process)
    {
        while (true)
        {
            Assert.False(process.HasExited, "The server ended.");
            try
            {
                return await http.GetStringAsync("start", Cancel);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    [GeneratedRegex("""(?:src|href)="(?<path>[^"]+\.(?:js|css|svg|woff2|webmanifest))[^"]*"|(?:src|href)=(?<path>[^" >]+\.(?:js|css))""")]
    private static partial Regex FileOfPage();
}
