using System.Globalization;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Writing;

/// <summary>The stores write the forms that their databases read themselves: every value comes back as it was.</summary>
public class StoredValuesTests
{
    private static readonly string[] Amounts =
    [
        "0", "1", "9999", "10000", "10001", "0.1", "0.0001", "0.00012", "0.000000000001", "0.00490", "12345678.9", "1000000000", "999999999.999999999999",
        "40000000.04", "123456789.000000000001",
    ];

    [Theory, EveryDatabase]
    public async Task AmountsKeepEveryPlace(DatabaseKind kind)
    {
        PreparedTrace[] batch = [.. Amounts.Select((amount, i) => SomePrepared.Trace($"cost-{i}", ("cost", amount)))];

        List<Trace> stored = await StoreAsync(kind, batch);

        Assert.Equal(Amounts.Select(amount => decimal.Parse(amount, CultureInfo.InvariantCulture)), stored.Select(trace => trace.Cost!.Value));
    }

    [Theory, EveryDatabase]
    public async Task EveryFieldComesBackFullAndEmpty(DatabaseKind kind)
    {
        string text = string.Concat(Enumerable.Repeat("a\"\\,{}()\n\t\u00e9\u6f22\U0001F600\uFFFD", 5_000));
        PreparedTrace full = SomePrepared.Trace("full");
        Fill(full.Trace, text);
        PreparedTrace bare = SomePrepared.Trace("bare");

        List<Trace> stored = await StoreAsync(kind, [full, bare]);

        full.Trace.Id = stored[0].Id;
        bare.Trace.Id = stored[1].Id;
        Assert.Equivalent(full.Trace, stored[0], strict: true);
        Assert.Equivalent(bare.Trace, stored[1], strict: true);
    }

    private static void Fill(Trace trace, string text)
    {
        trace.Timestamp = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(10);
        trace.UserQuery = text;
        trace.AiResponse = text;
        trace.SystemPrompt = text;
        trace.FunctionsCalled = """[{"name":"f","parameters":{"a":1e400}}]""";
        trace.Metadata = """{"a":[1,2.50,"\u00e9"]}""";
        trace.Error = "\"broken\"";
        trace.HasError = true;
        trace.TokensUsed = 1_000_000_000_000;
        trace.PromptTokens = 0;
        trace.CompletionTokens = 7;
        trace.ResponseTimeMs = 0.1 + 0.2;
        trace.SessionId = "s";
        trace.UserId = "u";
        trace.Environment = "e";
        trace.ParentId = "p";
        trace.Tags = ["a", "b,\"c\\{}", "", "NULL"];
        trace.Source = "source";
        trace.BatchId = "batch";
        trace.Status = EvaluationStatus.Rejected;
        trace.Version = 3;
    }

    private static async Task<List<Trace>> StoreAsync(DatabaseKind kind, PreparedTrace[] batch)
    {
        await using TestCore core = await TestCore.StartAsync(
            kind, (services, configuration) => services.AddEvents(configuration).AddWriting(configuration));
        await core.Get<ITraceStore>().InsertAsync(batch, messages: [], TestContext.Current.CancellationToken);
        await using LlmEvalDb db = await core.Get<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.Set<Trace>().OrderBy(trace => trace.Id).ToListAsync(TestContext.Current.CancellationToken);
    }
}
