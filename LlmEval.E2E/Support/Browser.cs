using LlmEval.E2E.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

// A good part of a test goes by waiting for a server to start and for a page to answer.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace LlmEval.E2E.Support;

/// <summary>
/// One Chromium for the whole run. Where it is missing the tests are skipped with the reason, except in continuous integration,
/// where they fail.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Missing = "Chromium was not found; install it (apt-get install -y chromium) or set CHROMIUM_PATH.";

    // First the one that has no window: the other draws the pages of its own frame for every tab, and the tests wait for it.
    private static readonly string[] Usual =
    [
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    private static readonly string[] Flags =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ];

    // A promise about time has a limit of its own where it is tested; everything else may take its time on a busy machine.
    private const float Patience = 20_000;

    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public async ValueTask InitializeAsync()
    {
        string? path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } given ? given : Usual.FirstOrDefault(File.Exists);
        if (File.Exists(path))
        {
            Assertions.SetDefaultExpectTimeout(Patience);
            _playwright = await Playwright.CreateAsync();
            _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Headless = true, Args = Flags });
        }
    }

    /// <summary>Skips the test when there is no browser: call it before anything that takes time.</summary>
    public void Require()
    {
        if (_chromium is null)
        {
            if (Environment.GetEnvironmentVariable("CI") is "true")
            {
                Assert.Fail(Missing);
            }

            Assert.Skip(Missing);
        }
    }

    public async Task<BrowserTab> OpenAsync(ServerProcess server, string path, Look? look = null)
    {
        BrowserTab tab = await NewTabAsync(server, look);
        await tab.GoToAsync(path);
        return tab;
    }

    /// <summary>Opens a page by a way that the test can take away.</summary>
    public async Task<BrowserTab> OpenAsync(ServerProcess server, Network network, string path)
    {
        BrowserTab tab = await NewTabAsync(server, look: null, network.Url);
        await tab.GoToAsync(path);
        return tab;
    }

    /// <summary>An empty tab, with no cookies.</summary>
    public Task<BrowserTab> NewTabAsync(ServerProcess server, Look? look = null) => NewTabAsync(server, look, server.Url);

    private async Task<BrowserTab> NewTabAsync(ServerProcess server, Look? look, string url)
    {
        Require();
        look ??= new Look();
        IBrowserContext context = await _chromium!.NewContextAsync(new()
        {
            BaseURL = url,
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = look.TimeZone,
            Locale = look.Locale,
        });
        return new BrowserTab(server, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.CloseAsync();
        }

        _playwright?.Dispose();
    }
}

public sealed record Look(int Width = 1440, int Height = 900, bool Dark = true, string TimeZone = "Europe/Berlin", string Locale = "en-GB");
