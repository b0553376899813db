using System.Text;
using System.Text.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>
/// Every page with the traces of a file, in both themes, wide and on a phone: a picture of each to look at, and what no picture shows:
/// what axe finds, errors on the browser's console, and whether anything is wider than its screen.
/// </summary>
internal static class LooksRun
{
    private const string Email = "olivia@example.com";
    private const string Password = "tall green giraffes";
    private const int Judged = 120;

    private static readonly (int Width, bool Dark)[] Looks = [(1440, true), (1440, false), (390, true), (390, false)];
    private static readonly string[] Serious = ["serious", "critical"];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string file = TraceFile.Of(arguments);
        string folder = Path.GetFullPath(arguments.Text("out") ?? "looks");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: false, redis: true, cancel);
        arguments.RefuseUnknown();
        Directory.CreateDirectory(folder);
        using ServerProcess server = bed.With("looks", await bed.NewDatabaseAsync(), [new("LlmEval__RequireSignIn", "true")]);
        await server.StartAsync(cancel);
        await using Chromium chromium = await Chromium.StartAsync();
        var faults = new List<string>();
        string link = (await SetUpLink.OfAsync(server, cancel)).AbsoluteUri;
        await EveryLookAsync(chromium, server, null, [("setup", link), ("sign-in", "/sign-in"), ("join-bad", "/join?token=x")], folder, faults, cancel);

        (string state, string traceId) = await PrepareAsync(chromium, server, link, file, cancel);
        string trace = Uri.EscapeDataString(traceId);
        (string, string)[] pages =
        [
            ("overview", "/"), ("overview-30d", "/?range=30d"), ("traces", "/traces"), ("traces-search", "/traces?q=the"), ("traces-open", $"/traces?trace={trace}"),
            ("traces-none", "/traces?q=nosuchwordanywhere"), ("trace", $"/trace?trace_id={trace}"), ("review", "/review"), ("start", "/start"), ("monitoring", "/monitoring"),
            ("alerts", "/alerts"), ("settings", "/settings"), ("reasons", "/settings/reasons"), ("keys", "/settings/keys"), ("signatures", "/settings/signatures"),
            ("projects", "/settings/projects"), ("webhooks", "/settings/webhooks"), ("people", "/settings/people"), ("audit", "/settings/audit"), ("account", "/account"),
            ("sessions", "/account/sessions"), ("no-such-trace", "/traces/no-such-trace"), ("not-found", "/nowhere"),
        ];
        await EveryLookAsync(chromium, server, state, pages, folder, faults, cancel);
        Console.WriteLine($"{pages.Length + 3} pages in {Looks.Length} looks: {folder}");
        BenchFailure.Unless(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    /// <summary>Makes the first account, and with it stores the file's traces and judges some of them.</summary>
    private static async Task<(string State, string TraceId)> PrepareAsync(Chromium chromium, ServerProcess server, string link, string file, CancellationToken cancel)
    {
        await using IBrowserContext owner = await chromium.NewProfileAsync();
        IPage page = await owner.NewPageAsync();
        await page.GotoAsync(link);
        await page.GetByLabel("Your name").FillAsync("Olivia Stone");
        await page.GetByLabel("E-mail").FillAsync(Email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await page.Locator("main[data-interactive=true]").WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 30_000 });

        byte[] traces = await TraceFile.ReadAsync(file, cancel);
        await PostAsync(owner, server, "/api/traces/import", "application/x-ndjson", traces);
        string[] ids = [.. Encoding.UTF8.GetString(traces).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(Judged).Select(line => JsonElement.Parse(line).GetProperty("trace_id").GetString()!)];
        foreach ((string id, int i) in ids.Select((id, i) => (id, i)))
        {
            object verdict = i % 3 == 0
                ? new { trace_id = id, status = "rejected", notes = "Does not answer what was asked." }
                : new { trace_id = id, status = "accepted", notes = "" };
            await PostAsync(owner, server, "/api/evaluations", "application/json", JsonSerializer.SerializeToUtf8Bytes(verdict));
        }

        return (await owner.StorageStateAsync(), ids[0]);
    }

    private static async Task EveryLookAsync(
        Chromium chromium, ServerProcess server, string? state, (string Name, string Path)[] pages, string folder, List<string> faults, CancellationToken cancel)
    {
        foreach ((int width, bool dark) in Looks)
        {
            await using IBrowserContext person = await chromium.NewProfileAsync(width, 900, dark, state);
            foreach ((string name, string path) in pages)
            {
                cancel.ThrowIfCancellationRequested();
                string look = $"{name}-{width}-{(dark ? "dark" : "light")}";
                foreach (string fault in await LookAsync(person, new Uri(server.Url, path), Path.Combine(folder, look + ".png")))
                {
                    faults.Add($"{look}: {fault}");
                }
            }
        }
    }

    /// <returns>What is wrong with it.</returns>
    private static async Task<IReadOnlyList<string>> LookAsync(IBrowserContext person, Uri address, string picture)
    {
        var faults = new List<string>();
        IPage page = await person.NewPageAsync();
        page.PageError += (_, error) => faults.Add($"script error: {error}");
        page.Console += (_, message) =>
        {
            // The browser's own word on the page's status, which the one that is not there has to have.
            if (message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal))
            {
                faults.Add($"console: {message.Text}");
            }
        };
        await page.GotoAsync(address.AbsoluteUri);
        await page.Locator("h1").First.WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 30_000 });

        // Charts and lists have come by then; nothing depends on it but the picture.
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.WaitForTimeoutAsync(1_500);
        await page.ScreenshotAsync(new() { Path = picture });
        AxeResult axe = await page.RunAxe();
        faults.AddRange(axe.Violations.Where(v => Serious.Contains(v.Impact)).Select(v => $"axe, {v.Impact}: {v.Id} {v.Help}: {v.Nodes.FirstOrDefault()?.Html}"));
        int beyond = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (beyond > 0)
        {
            faults.Add($"{beyond} pixels wider than its screen");
        }

        await page.CloseAsync();
        return faults;
    }

    private static async Task PostAsync(IBrowserContext person, ServerProcess server, string path, string type, byte[] body)
    {
        IAPIResponse answer = await person.APIRequest.PostAsync(
            new Uri(server.Url, path).AbsoluteUri, new() { DataByte = body, Headers = new Dictionary<string, string> { ["Content-Type"] = type }, Timeout = 120_000 });
        BenchFailure.Unless(answer.Ok, $"{path} was answered with {answer.Status}: {await answer.TextAsync()}");
    }
}
