using System.Net.Http.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Tests.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;
using LlmEval.Web.Start;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Amending;

/// <summary>Who judged, changed or deleted a trace stands in the audit log, and stays there when the trace is gone.</summary>
public class AuditedTracesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhatAKeyDoesNamesTheKey(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        NewApiKey key = await server.MakeKeyAsync();
        using HttpClient http = server.As("X-API-Key", key.Token);

        Assert.True((await http.PostAsJsonAsync("/api/evaluations", new { trace_id = "t", status = "accepted", evaluator = "Ada" }, Cancel)).IsSuccessStatusCode);
        Assert.True((await http.PatchAsJsonAsync("/api/traces/t", new { session_id = "s", metadata = new { k = "a secret" } }, Cancel)).IsSuccessStatusCode);
        Assert.True((await http.PatchAsJsonAsync("/api/traces/t", new { }, Cancel)).IsSuccessStatusCode);
        Assert.False((await http.PatchAsJsonAsync("/api/traces/t", new { cost = -1 }, Cancel)).IsSuccessStatusCode);
        Assert.True((await http.DeleteAsync("/api/traces/t", Cancel)).IsSuccessStatusCode);
        Assert.False((await http.DeleteAsync("/api/traces/t", Cancel)).IsSuccessStatusCode);

        AuditEntry[] lines = [.. (await server.Services.AuditAsync()).Where(e => e.Subject == "t")];
        Assert.Equal(["verdict.given", "trace.amended", "trace.deleted"], lines.Select(e => e.Action));
        Assert.All(lines, e => Assert.Equal((key.Key.Id, key.Key.Name, Projects.Default, "127.0.0.1"), (e.KeyId, e.Actor, e.ProjectId, e.Address)));
        Assert.Contains("\"Ada\"", lines[0].Detail, StringComparison.Ordinal);
        Assert.Contains("metadata, session_id", lines[1].Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", lines[1].Detail, StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task WhatAPersonDoesOnAPageNamesThem(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        await using OpenPage page = OpenPage.By(server, await server.SignInAsync(Role.Admin, address: "192.0.2.7"));

        DecisionAnswer given = await page.Get<JudgeTrace>()(new Verdict("t", EvaluationStatus.Rejected), Cancel);
        await page.Get<ReviewDesk>().UndoAsync("t", given.Entry!.Version, "", Cancel);
        Assert.Equal(ChangeOutcome.Applied, (await page.Get<TagTrace>()("t", ["x"], Cancel)).Outcome);
        Assert.Equal(ChangeOutcome.Applied, await page.Get<RemoveTrace>()("t", 4, Cancel));
        Assert.True(await page.Get<StartReads>().LoadSamples(Cancel));
        await page.Get<StartReads>().RemoveSamples(Cancel);

        AuditEntry[] lines = [.. (await server.Services.AuditAsync()).Where(e => e.UserId is not null)];
        Assert.Equal(["verdict.given", "verdict.undone", "trace.amended", "trace.deleted", "sample.removed"], lines.Select(e => e.Action));
        Assert.All(lines, line => Assert.Equal("192.0.2.7", line.Address));
    }

    [Theory, EveryDatabase]
    public async Task AVerdictThatIsNotSavedHasNoLine(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");

        using HttpResponseMessage stale = await server.PostAsync("/api/evaluations", new { trace_id = "t", status = "accepted", expected_version = 7 });

        Assert.False(stale.IsSuccessStatusCode);
        Assert.Empty(await server.Services.AuditAsync());
    }
}
