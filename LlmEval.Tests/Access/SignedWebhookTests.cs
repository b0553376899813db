using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.Ingestion;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Access;

/// <summary>Where a project has webhook secrets, a signature over the bytes on the wire is what lets its webhooks in.</summary>
public class SignedWebhookTests
{
    private const string Secret = "a secret";
    private const string Trace = """{"trace_id":"t","model_name":"m","user_query":"q","ai_response":"a"}""";

    private static readonly Actor Tester = new("Tester");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task OnlyWhatIsSignedIsTakenAndTheSameMessageOnce(DatabaseKind kind)
    {
        await using TestServer server = await StartAsync(kind);
        byte[] body = Encoding.UTF8.GetBytes(Trace);
        Dictionary<string, string> signed = Standard(body, Secret, "msg_1");

        Assert.Equal(401, (await PostAsync(server, body, [])).Status);
        (int status, string first) = await PostAsync(server, body, signed);
        Assert.Equal(200, status);

        // Even after the trace is gone the same message does not bring it back, and its sender is told what they were told.
        Assert.Equal(204, (int)(await server.Http.DeleteAsync("/api/traces/t", Cancel)).StatusCode);
        Assert.Equal((200, first), await PostAsync(server, body, signed));
        Assert.Equal((200, first), await PostAsync(server, body, Standard(body, Secret, "msg_1", seconds: 30)));
        Assert.Equal(404, (int)(await server.Http.GetAsync("/api/traces/t", Cancel)).StatusCode);

        Assert.Equal(200, (await PostAsync(server, body, Standard(body, Secret, "msg_2"))).Status);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/api/traces/t", Cancel)).StatusCode);
    }

    [Theory, EveryDatabase]
    public async Task ARepeatedBatchIsAnsweredAsTheFirstTime(DatabaseKind kind)
    {
        await using TestServer server = await StartAsync(kind);
        Assert.Equal(200, (await PostAsync(server, Encoding.UTF8.GetBytes(Trace), Standard(Encoding.UTF8.GetBytes(Trace), Secret, "one"))).Status);
        byte[] batch = Encoding.UTF8.GetBytes(
            """{"source":"s","traces":[{"trace_id":"new","model_name":"m","user_query":"q","ai_response":"a"},{"trace_id":"t","model_name":"m","user_query":"other","ai_response":"a"},{"trace_id":"bad"}]}""");
        Dictionary<string, string> signed = Standard(batch, Secret, "msg_b");

        (int status, string first) = await PostAsync(server, batch, signed, "/webhook/batch");
        Assert.Equal(200, status);
        Assert.Equal(1, JsonDocument.Parse(first).RootElement.GetProperty("processed_count").GetInt32());
        await server.Http.DeleteAsync("/api/traces/t", Cancel);
        await server.Http.DeleteAsync("/api/traces/new", Cancel);

        Assert.Equal((200, first), await PostAsync(server, batch, signed, "/webhook/batch"));
        Assert.Equal(404, (int)(await server.Http.GetAsync("/api/traces/new", Cancel)).StatusCode);
    }

    [Fact]
    public async Task WhateverIsWrongWithASignatureIsTheSameAnswer()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        await server.MakeKeyAsync();
        byte[] body = Encoding.UTF8.GetBytes(Trace);
        Dictionary<string, string> good = Standard(body, Secret, "msg_1");
        Dictionary<string, string> plain = Plain(body, Secret);
        Dictionary<string, string>[] wrong =
        [
            [],
            Standard(body, "another secret", "msg_1"),
            Standard([.. body, 0x20], Secret, "msg_1"),
            Standard(body, Secret, "msg_1", seconds: -400),
            Standard(body, Secret, "msg_1", seconds: 400),
            new(good) { ["webhook-id"] = "msg_2" },
            new(good.Where(h => h.Key != "webhook-id")),
            new(good.Where(h => h.Key != "webhook-timestamp")),
            new(good.Where(h => h.Key != "webhook-signature")),

            // What is wrong in one scheme is not saved by another.
            new(Standard(body, "another secret", "msg_1")) { ["X-Signature-256"] = plain["X-Signature-256"] },
            new(plain) { ["webhook-id"] = "msg_1" },
            new(plain) { ["X-Hub-Signature-256"] = plain["X-Signature-256"] },
            Plain(body, "another secret"),
            new() { ["signature"] = plain["X-Signature-256"] },

            // Nor is anything wrong with a key saved by a signature.
            new(good) { ["X-API-Key"] = "evk_nonsense" },
        ];
        List<(int, string)> answers = [];
        foreach (Dictionary<string, string> headers in wrong)
        {
            answers.Add(await PostAsync(server, body, headers));
        }

        Assert.Equal(401, answers[0].Item1);
        Assert.Single(answers.Distinct());
        Assert.Equal(200, (await PostAsync(server, body, plain)).Status);
        Assert.Equal(200, (await PostAsync(server, body, new() { ["X-Hub-Signature-256"] = plain["X-Signature-256"] })).Status);
    }

    [Fact]
    public async Task TheBytesOnTheWireAreSignedAndOnlyTheyCount()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        byte[] body = IngestionServer.Gzip(Trace);

        Assert.Equal(200, (await PostAsync(server, body, new(Standard(body, Secret, "msg_1")) { ["Content-Encoding"] = "gzip" })).Status);
        Assert.Equal(401, (await PostAsync(server, body, new(Standard(Encoding.UTF8.GetBytes(Trace), Secret, "msg_2")) { ["Content-Encoding"] = "gzip" })).Status);
    }

    [Fact]
    public async Task ABodyThatIsTooLargeIsNotReadForItsSignature()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite, ("LlmEval:Webhooks:MaxTraceBytes", "2000"));
        byte[] body = new byte[2001];

        Assert.Equal(401, (await PostAsync(server, body, [])).Status);
        Assert.Equal(413, (await PostAsync(server, body, Standard(body, Secret, "msg_1"))).Status);
    }

    [Fact]
    public async Task AKeyDoesNotReplaceASignatureAndASignatureNotAKeysScope()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        byte[] body = Encoding.UTF8.GetBytes(Trace);
        string ingest = (await server.MakeKeyAsync(Rights.Ingest)).Token;
        string read = (await server.MakeKeyAsync(Rights.Read)).Token;

        Assert.Equal(401, (await PostAsync(server, body, new() { ["X-API-Key"] = ingest })).Status);
        Assert.Equal(403, (await PostAsync(server, body, new(Standard(body, Secret, "1")) { ["X-API-Key"] = read })).Status);
        Assert.Equal(200, (await PostAsync(server, body, new(Standard(body, Secret, "2")) { ["X-API-Key"] = ingest })).Status);
        Assert.Equal(200, (await PostAsync(server, body, Standard(body, Secret, "3"))).Status);
    }

    [Fact]
    public async Task ASignatureOpensTheTwoWebhooksAndNothingElse()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        await server.MakeKeyAsync();
        byte[] body = Encoding.UTF8.GetBytes(Trace);

        Assert.Equal(401, (await PostAsync(server, body, Standard(body, Secret, "1"), "/api/traces/import")).Status);
        Assert.Equal(401, (await PostAsync(server, body, Standard(body, Secret, "1"), "/api/evaluations")).Status);
    }

    [Fact]
    public async Task AProjectsOwnSecretTakesThePlaceOfTheServersAndIsReplacedInPeace()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        WebhookSecrets secrets = server.Services.GetRequiredService<WebhookSecrets>();
        byte[] body = Encoding.UTF8.GetBytes(Trace);
        WebhookSecret first = (await secrets.CreateAsync(other.Id, replace: true, Tester, Cancel))!;
        const string Path = "/p/other/webhook/trace";

        Assert.Equal(200, (await PostAsync(server, body, Standard(body, first.Secret, "1"), Path)).Status);
        Assert.Equal(401, (await PostAsync(server, body, Standard(body, Secret, "1"), Path)).Status);
        Assert.Equal(401, (await PostAsync(server, body, Standard(body, first.Secret, "1"))).Status);

        WebhookSecret second = (await secrets.CreateAsync(other.Id, replace: true, Tester, Cancel))!;
        Assert.Equal(200, (await PostAsync(server, body, Standard(body, first.Secret, "2"), Path)).Status);
        Assert.Equal(200, (await PostAsync(server, body, Standard(body, second.Secret, "3"), Path)).Status);
        WebhookSecret ending = Assert.Single(await secrets.ListAsync(other.Id, DateTime.UtcNow, Cancel), s => s.Id == first.Id);
        Assert.InRange(ending.ExpiresAt!.Value, DateTime.UtcNow.AddHours(23), DateTime.UtcNow.AddHours(25));

        Assert.True(await secrets.EndAsync(other.Id, first.Id, Tester, Cancel));
        Assert.False(await secrets.EndAsync(1, second.Id, Tester, Cancel));
        Assert.Equal(401, (await PostAsync(server, body, Standard(body, first.Secret, "4"), Path)).Status);
        Assert.Equal(200, (await PostAsync(server, body, Standard(body, second.Secret, "5"), Path)).Status);

        // The secrets themselves are in no line of the audit log.
        await using LlmEvalDb db = await server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel);
        List<AuditEntry> lines = await db.Set<AuditEntry>().Where(e => e.ProjectId == other.Id && e.Action.StartsWith("webhook_secret")).ToListAsync(Cancel);
        Assert.Equal(["webhook_secret.created", "webhook_secret.ending", "webhook_secret.created", "webhook_secret.ended"], lines.Select(e => e.Action));
        Assert.DoesNotContain(lines, e => (e.Detail + e.Subject).Contains("whsec_"));
    }

    [Fact]
    public async Task BodiesTakeNoMoreMemoryThanTheyMayAndGiveItAllBack()
    {
        await using TestServer server = await StartAsync(
            DatabaseKind.Sqlite, ("LlmEval:Webhooks:MaxTraceBytes", "100000"), ("LlmEval:Webhooks:MaxBatchBytes", "100000"),
            ("LlmEval:Webhooks:MaxImportItemBytes", "100000"), ("LlmEval:Webhooks:MaxRestoredItemBytes", "100000"),
            ("LlmEval:Webhooks:MaxBytesInFlight", "600000"), ("LlmEval:Limits:TracesPerMinute", "100"));
        BodyBudget budget = server.Services.GetRequiredService<BodyBudget>();
        string read = (await server.MakeKeyAsync(Rights.Read)).Token;
        byte[] body = [.. Encoding.UTF8.GetBytes(Trace), .. Enumerable.Repeat((byte)' ', 90_000)];

        // Others hold nearly all of it.
        Assert.True(budget.TryTake(550_000));
        Assert.Equal(503, (await PostAsync(server, body, Plain(body, "another secret"))).Status);
        (int status, string full) = await PostAsync(server, body, Plain(body, Secret));
        Assert.Equal((503, true), (status, full.Contains("again is safe", StringComparison.Ordinal)));
        Assert.Equal(550_000, budget.Taken);
        budget.Return(550_000);

        Assert.Equal(200, (await PostAsync(server, body, Plain(body, Secret))).Status);
        Assert.Equal(401, (await PostAsync(server, body, Plain(body, "another secret"))).Status);
        Assert.Equal(403, (await PostAsync(server, body, new(Plain(body, Secret)) { ["X-API-Key"] = read })).Status);
        Assert.Equal(413, (await PostAsync(server, [.. body, .. body], Plain([.. body, .. body], Secret))).Status);
        byte[] packed = IngestionServer.Gzip(Encoding.UTF8.GetString(body));
        Assert.Equal(200, (await PostAsync(server, packed, new(Plain(packed, Secret)) { ["Content-Encoding"] = "gzip" })).Status);
        Assert.Equal(415, (await PostAsync(server, packed, new(Plain(packed, Secret)) { ["Content-Encoding"] = "br" })).Status);
        for (int i = 0; i < 110; i++)
        {
            status = (await PostAsync(server, Encoding.UTF8.GetBytes(Trace), Plain(Encoding.UTF8.GetBytes(Trace), Secret))).Status;
        }

        Assert.Equal(429, status);

        // What is disposed with the answer may be so a moment after the answer was read.
        await Eventually.TrueAsync(() => Task.FromResult(budget.Taken == 0));
    }

    [Fact]
    public void RoomForLessThanABodySentAndUnpackedIsNoSetting()
    {
        Assert.True(new WebhookOptions().HasRoomForOne);
        Assert.False(new WebhookOptions { MaxBytesInFlight = 200_000_000 }.HasRoomForOne);
        Assert.True(new WebhookOptions { MaxBytesInFlight = 300_000_000 }.HasRoomForOne);
        Assert.True(new WebhookOptions { MaxBatchBytes = 1 << 30 }.HasRoomForOne);
        Assert.False(new WebhookOptions { MaxBytesInFlight = 300_000_000, MaxBatchBytes = 70_000_000 }.HasRoomForOne);
        Assert.False(new WebhookOptions { MaxBytesInFlight = 300_000_000, MaxRestoredItemBytes = 1 << 27 }.HasRoomForOne);
        Assert.False(new WebhookOptions { MaxBytesInFlight = 300_000_000, MaxImportItemBytes = 1 << 27 }.HasRoomForOne);

        // Where it is not set, it follows the others.
        Assert.True(new WebhookOptions { MaxRestoredItemBytes = 1 << 30 }.HasRoomForOne);
        Assert.True(new WebhookOptions { MaxBatchBytes = 1 << 20 }.HasRoomForOne);
    }

    [Theory]
    [InlineData("MaxImportItemBytes")]
    [InlineData("MaxRestoredItemBytes")]
    public async Task ALineOfAnImportThatFindsItselfAloneFindsRoom(string setting)
    {
        const int Most = 1_000_000;
        var options = new WebhookOptions { MaxTraceBytes = Most / 2, MaxBatchBytes = Most / 2, MaxBytesInFlight = 4 * Most };
        (options.MaxImportItemBytes, options.MaxRestoredItemBytes) = (Most / 2, Most);
        var budget = new BodyBudget(Options.Create(options));
        using var items = new ItemReader(new MemoryStream(new byte[Most]), new LineSplitter(), Most, budget);

        Assert.True(options.HasRoomForOne);
        Assert.True(await items.NextAsync(Cancel));
        Assert.Equal(Most, items.Item.Length);
        typeof(WebhookOptions).GetProperty(setting)!.SetValue(options, Most + 1);
        Assert.False(options.HasRoomForOne);
    }

    [Fact]
    public async Task NoMoreSecretsHoldThanMay()
    {
        await using TestServer server = await StartAsync(DatabaseKind.Sqlite);
        WebhookSecrets secrets = server.Services.GetRequiredService<WebhookSecrets>();
        for (int i = 0; i < WebhookSecrets.MostAtATime; i++)
        {
            Assert.NotNull(await secrets.CreateAsync(1, replace: false, Tester, Cancel));
        }

        Assert.Null(await secrets.CreateAsync(1, replace: false, Tester, Cancel));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("good,,other", "empty")]
    [InlineData("whsec_***", "base64")]
    public void ASecretThatIsNoneStopsTheStart(string secret, string says)
    {
        ValidateOptionsResult result = new SignatureOptions.Validator().Validate(null, new SignatureOptions { Secrets = secret });

        Assert.True(result.Failed);
        Assert.Contains(says, result.FailureMessage);
        Assert.DoesNotContain("***", result.FailureMessage);
    }

    [Fact]
    public async Task SeveralSecretsAreSeparatedByCommas()
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["WEBHOOK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, second" });
        byte[] body = Encoding.UTF8.GetBytes(Trace);

        Assert.Equal(200, (await PostAsync(server, body, Standard(body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "1"))).Status);
        Assert.Equal(200, (await PostAsync(server, body, Standard(body, "second", "2"))).Status);
        Assert.Equal(401, (await PostAsync(server, body, Standard(body, " second", "3"))).Status);
    }

    private static Task<TestServer> StartAsync(DatabaseKind kind, params (string Name, string Value)[] settings) =>
        TestServer.StartAsync(kind, new Dictionary<string, string?>(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))) { ["WEBHOOK_SECRET"] = Secret });

    private static Dictionary<string, string> Standard(byte[] body, string secret, string id, int seconds = 0)
    {
        long at = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;
        byte[] digest = HMACSHA256.HashData(WebhookKey.Read(secret)!, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{at}."), .. body]);
        return new() { ["webhook-id"] = id, ["webhook-timestamp"] = $"{at}", ["webhook-signature"] = $"v1,{Convert.ToBase64String(digest)}" };
    }

    private static Dictionary<string, string> Plain(byte[] body, string secret) =>
        new() { ["X-Signature-256"] = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(WebhookKey.Read(secret)!, body))}" };

    private static async Task<(int Status, string Body)> PostAsync(
        TestServer server, byte[] body, Dictionary<string, string> headers, string path = "/webhook/trace")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach ((string name, string value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.Add(name, value);
            }
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
