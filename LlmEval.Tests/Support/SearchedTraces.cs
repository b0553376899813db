using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Search;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Support;

/// <summary>Stored traces with the full-text index beside them. It moves only when a test takes a step.</summary>
internal static class SearchedTraces
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<TestCore> StartAsync(DatabaseKind kind, Action<IServiceCollection>? more = null) => TestCore.StartAsync(kind, (services, configuration) =>
    {
        Add(services, configuration);
        services.Configure<SearchOptions>(options => options.Paused = true);
        more?.Invoke(services);
    });

    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        StoredTraces.Add(services, configuration);
        services.AddTraces();
        services.AddSearch(configuration);
    }

    public static async Task IndexAllAsync(this TestCore core)
    {
        while (await core.Get<SearchProjector>().StepAsync(Cancel) == SearchProgress.More)
        {
        }
    }

    public static async Task<string[]> SearchAsync(this TestCore core, string text) => await core.ListIdsAsync(new TraceFilter { Text = text });

    public static async Task<string[]> ListIdsAsync(this TestCore core, TraceFilter filter) =>
        [.. (await core.PageAsync(filter, after: null, limit: 1_000)).Items.Select(t => t.TraceId)];

    public static Task<Page<TraceSummary>> PageAsync(this TestCore core, TraceFilter filter, Cursor? after, int limit) =>
        core.Get<TraceQueries>().ListSummariesAsync(Projects.Default, filter, after, limit, Cancel);

    /// <summary>A JSON string.</summary>
    public static string Json(string text) => JsonSerializer.Serialize(text);
}
