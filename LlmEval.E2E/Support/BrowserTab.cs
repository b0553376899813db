using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace LlmEval.E2E.Support;

/// <summary>A tab that remembers what a page must never do: log errors, or ask another server for anything.</summary>
public sealed class BrowserTab : IAsyncDisposable
{
    private static readonly string[] Serious = ["serious", "critical"];

    // Told of everything that is in order too, a page's report is megabytes.
    private static readonly AxeRunOptions OnlyFaults = new() { ResultTypes = [ResultType.Violations], Iframes = false };

    private readonly ServerProcess _server;
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    public BrowserTab(ServerProcess server, IBrowserContext context, IPage page)
    {
        (_server, _context) = (server, context);
        Page = page;
        page.Console += (_, message) => Add(_errors, message.Type == "error" ? message.Text : null);
        page.PageError += (_, error) => Add(_errors, error);
        page.Request += (_, request) => Add(_requests, request.Url);
    }

    public IPage Page { get; }

    public ILocator Rows => Page.Locator("tr[data-trace]");

    public ILocator Pill => Page.Locator(".pill");

    public ILocator Details => Page.Locator(".details");

    public ILocator Row(string traceId) => Page.Locator($"tr[data-trace=\"{traceId}\"]");

    /// <summary>Opens a page and waits until it answers: a click on what was rendered before that is lost.</summary>
    public async Task GoToAsync(string path)
    {
        await Page.GotoAsync(path);
        await UntilInteractiveAsync();
    }

    public async Task UntilInteractiveAsync() =>
        await Assertions.Expect(Page.Locator("main[data-interactive=true]")).ToBeAttachedAsync(new() { Timeout = 20_000 });

    /// <summary>Keeps the pointer away from the rows, where it would hold them still.</summary>
    public Task PointAwayAsync() => Page.Mouse.MoveAsync(600, 20);

    public void AssertNoErrors()
    {
        lock (_errors)
        {
            Assert.Empty(_errors);
        }
    }

    public void AssertAskedOnly(string url)
    {
        lock (_requests)
        {
            Assert.NotEmpty(_requests);
            Assert.All(_requests, asked => Assert.StartsWith(url, asked, StringComparison.Ordinal));
        }
    }

    public async Task AssertAccessibleAsync()
    {
        AxeResult result = await Page.RunAxe(OnlyFaults);
        string[] serious = [.. result.Violations
            .Where(v => Serious.Contains(v.Impact))
            .Select(v => $"{v.Impact} {v.Id}: {v.Help}\n{string.Join('\n', v.Nodes.Select(n => "    " + n.Html))}")];
        Assert.True(serious.Length == 0, string.Join('\n', serious));
    }

    public async Task AssertNoSidewaysScrollAsync() =>
        Assert.Equal(0, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));

    private static void Add(List<string> list, string? text)
    {
        if (text is not null)
        {
            lock (list)
            {
                list.Add(text);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A page that broke says no more than that it did; what broke it stands in the server's log.
        string log = _server.Output();
        if (log.IndexOf("Unhandled exception", StringComparison.Ordinal) is var at and >= 0)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(log[at..Math.Min(log.Length, at + 4_000)]);
        }

        await _context.CloseAsync();
    }
}
