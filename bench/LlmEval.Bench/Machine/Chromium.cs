using Microsoft.Playwright;

namespace LlmEval.Bench.Machine;

/// <summary>The machine's own browser, without a window.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Usual =
        ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    public static async Task<Chromium> StartAsync()
    {
        string? path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } given ? given : Usual.FirstOrDefault(File.Exists);
        if (!File.Exists(path))
        {
            throw new BenchFailure("Chromium was not found; install it (apt-get install -y chromium) or set CHROMIUM_PATH");
        }

        IPlaywright playwright = await Playwright.CreateAsync();
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Headless = true, Args = Flags }));
    }

    /// <summary>As of one person: its tabs share what they have fetched.</summary>
    /// <param name="state">What an earlier profile kept.</param>
    public Task<IBrowserContext> NewProfileAsync(int width = 1440, int height = 900, bool dark = false, string? state = null) =>
        _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            StorageState = state,
        });

    /// <summary>Opens a page of the product, and waits until it is live.</summary>
    public async Task<IPage> OpenAsync(Uri address)
    {
        IPage page = await (await NewProfileAsync()).NewPageAsync();
        await page.GotoAsync(address.AbsoluteUri);
        await page.Locator("main[data-interactive=true]").WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 30_000 });

        // Away from the rows, where a pointer would hold them still.
        await page.Mouse.MoveAsync(600, 20);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }
}
