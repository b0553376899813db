using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Shell;

public class BrowserPackagesTests
{
    private static string Web => Repository.PathTo("LlmEval.Web");

    [Fact]
    public void TheLockPinsContentAndNamesNoRegistry()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Web, "package-lock.json")));
        JsonProperty[] packages = [.. document.RootElement.GetProperty("packages").EnumerateObject().Where(p => p.Name.Length > 0)];

        Assert.NotEmpty(packages);
        Assert.All(packages, package =>
        {
            Assert.StartsWith("sha512-", package.Value.GetProperty("integrity").GetString(), StringComparison.Ordinal);
            Assert.False(package.Value.TryGetProperty("resolved", out _), $"{package.Name} is tied to one registry.");
        });
    }

    [Fact]
    public void EveryFontOfTheStylesheetIsRestored()
    {
        string css = File.ReadAllText(Path.Combine(Web, "wwwroot", "css", "app.css"));
        string[] fonts = [.. css.Split("url(../").Skip(1).Select(rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)])];

        Assert.NotEmpty(fonts);
        Assert.All(fonts, font => Assert.True(File.Exists(Path.Combine(Web, "wwwroot", font)), font));
    }
}
