using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Traces;

[Collection<OneServer>]
public class ListWorkTests(Browser browser, SharedServer shared)
{
    [Fact]
    public async Task SeveralTracesAreTaggedExportedAndJudgedAtOnce()
    {
        ServerProcess server = await shared.GetAsync(browser);
        for (int i = 0; i < 12; i++)
        {
            await server.PostTraceAsync(SomeTrace.With($"bulk-{i}", ("model_name", "bulk")));
        }

        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=bulk");
        await Expect(tab.Rows).ToHaveCountAsync(12);
        await tab.Row("bulk-3").GetByRole(AriaRole.Checkbox).CheckAsync();
        await tab.Row("bulk-4").GetByRole(AriaRole.Checkbox).CheckAsync();
        ILocator bar = tab.Page.Locator(".bulk");
        await Expect(bar).ToContainTextAsync("2 selected");
        await tab.AssertAccessibleAsync();

        IDownload download = await tab.Page.RunAndWaitForDownloadAsync(() => bar.GetByRole(AriaRole.Button, new() { Name = "JSONL" }).ClickAsync());
        string[] lines = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal(2, lines.Length);
        Assert.Contains("bulk-3", lines[0], StringComparison.Ordinal);

        await bar.GetByLabel("Tag to add").FillAsync("checked");
        await bar.GetByRole(AriaRole.Button, new() { Name = "Tag" }).ClickAsync();
        await Expect(bar).ToContainTextAsync("2 tagged.");

        // A row is selected at the version that it shows.
        await Expect(tab.Rows.Filter(new() { HasText = "checked" })).ToHaveCountAsync(2);

        await tab.Page.GetByLabel("Select all loaded traces").CheckAsync();
        await bar.GetByLabel("Reason for the verdict").FillAsync("off topic");
        await bar.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();
        await Expect(bar).ToContainTextAsync("12 rejected.");
        await Expect(tab.Rows.Filter(new() { HasText = "Rejected" })).ToHaveCountAsync(12);
        Assert.Contains("off topic", await server.Http.GetStringAsync("/api/traces/bulk-7", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task AllThatMatchAreJudgedAtOnceAlsoThoseThatAreNotLoaded()
    {
        // More than two pages: a page more may be loaded before the reader gets there.
        const int Count = 120;
        ServerProcess server = await shared.GetAsync(browser);
        for (int i = 0; i < Count; i++)
        {
            await server.PostTraceAsync(SomeTrace.With($"all-{i}", ("model_name", "all")));
        }

        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=all");
        await tab.Row($"all-{Count - 1}").GetByRole(AriaRole.Checkbox).CheckAsync();
        ILocator bar = tab.Page.Locator(".bulk");
        await bar.GetByRole(AriaRole.Button, new() { Name = "All that match" }).ClickAsync();
        await Expect(bar).ToContainTextAsync($"{Count} selected");

        // Escape closes where the reader is: the filters, not the selection.
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "More filters" }).ClickAsync();
        await tab.Page.GetByLabel("Metadata key").PressAsync("Escape");
        await Expect(tab.Page.GetByLabel("Metadata key")).ToHaveCountAsync(0);
        await Expect(bar).ToContainTextAsync($"{Count} selected");

        await bar.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await Expect(bar).ToContainTextAsync($"{Count} accepted.");
        Assert.Contains("\"accepted\"", await server.Http.GetStringAsync("/api/traces/all-0", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhatIsChosenIsSharedByItsUrl()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("share-1", ("model_name", "share"), ("user_id", "kim"), ("metadata", new { dataset = "x" })));
        await server.PostTraceAsync(SomeTrace.With("share-2", ("model_name", "share"), ("user_id", "kim")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=share");
        await Expect(tab.Rows).ToHaveCountAsync(2);

        await tab.Page.Keyboard.PressAsync("f");
        await tab.Page.GetByLabel("Metadata key").FillAsync("dataset");
        await tab.Page.GetByLabel("Metadata value").FillAsync("x");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(tab.Rows).ToHaveCountAsync(1);
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Display", Exact = true }).ClickAsync();
        await tab.Page.GetByLabel("One line a row").CheckAsync();
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?model_name=share&metadata.dataset=x&density=compact");

        await using BrowserTab other = await browser.OpenAsync(server, new Uri(tab.Page.Url).PathAndQuery, new Look(390, 844, Dark: false));
        await Expect(other.Rows).ToHaveCountAsync(1);
        await other.AssertNoSidewaysScrollAsync();
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "dataset: x" }).ClickAsync();
        await Expect(other.Rows).ToHaveCountAsync(2);
        await other.Page.GoBackAsync();
        await Expect(other.Rows).ToHaveCountAsync(1);

        await other.Row("share-1").Locator("a").ClickAsync();
        await other.Details.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        await Expect(other.Page.Locator("h1")).ToHaveTextAsync("Question of share-1");
        other.AssertNoErrors();
    }
}
