using System.Net;
using System.Net.Http.Json;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Who does not know what became of a request sends it again. The same batch many times at once, over many connections and to two servers
/// where there are two: each trace is stored once, and everybody is told that it is. Many versions of one trace at once: one is stored, and
/// the others are told that theirs is not.
/// </summary>
internal sealed class DuplicatesDrill : IDisposable
{
    private const int AtOnce = 50;
    private const int BatchSize = 20;
    private const string Model = "gpt-4";
    private const string Query = "Who was first?";

    private readonly DrillGround _ground;
    private readonly HttpClient[] _callers;
    private readonly CancellationToken _cancel;
    private readonly long _run = Random.Shared.NextInt64();
    private int _ids;

    private DuplicatesDrill(DrillGround ground, CancellationToken cancel)
    {
        _ground = ground;
        _cancel = cancel;

        // Each with a connection of its own.
        _callers = [.. Enumerable.Range(0, AtOnce).Select(i => new HttpClient { BaseAddress = ground.Servers[i % ground.Servers.Count].Url, Timeout = TimeSpan.FromSeconds(30) })];
    }

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        var plan = new GroundPlan { Rate = 100, Servers = settings.Sqlite ? 1 : 2 };
        await using DrillGround ground = await DrillGround.StartAsync(settings, plan, cancel);
        await ground.UntilAcknowledgedAsync(50, TimeSpan.FromSeconds(30), cancel);

        // From here on the storm is the load.
        ground.Load.Stop();
        await ground.Loading;
        using var drill = new DuplicatesDrill(ground, cancel);
        int times = settings.Times(brief: 3, whole: 50);
        for (int i = 0; i < times; i++)
        {
            await drill.SameBatchAsync();
            await drill.ManyVersionsAsync();
        }

        return $"{times} times the same batch of {BatchSize} from {AtOnce} callers at once, and {AtOnce} versions of one trace: each stored once, and everybody told which. "
            + await ground.SettleAsync(cancel);
    }

    private async Task SameBatchAsync()
    {
        string[] ids = [.. Enumerable.Range(0, BatchSize).Select(_ => NewId())];
        var batch = new { source = "bench", batch_id = ids[0], traces = ids.Select(id => Trace(id, "The same.")).ToArray() };
        HttpStatusCode[] answers = await AllAsync(_ => batch, "/webhook/batch");
        HttpStatusCode[] others = [.. answers.Where(a => a != HttpStatusCode.OK)];
        BenchFailure.Unless(others.Length == 0, $"the same batch again was answered with {string.Join(", ", others.Select(a => (int)a).Distinct())}");
        foreach (string id in ids)
        {
            Note(id, "The same.");
        }
    }

    private async Task ManyVersionsAsync()
    {
        string id = NewId();
        HttpStatusCode[] answers = await AllAsync(i => Trace(id, Version(i)), "/webhook/trace");
        BenchFailure.Unless(
            answers.Count(a => a == HttpStatusCode.OK) == 1 && answers.Count(a => a == HttpStatusCode.Conflict) == AtOnce - 1,
            $"of {AtOnce} versions of a trace {answers.Count(a => a == HttpStatusCode.OK)} were taken and {answers.Count(a => a == HttpStatusCode.Conflict)} refused as another's");
        Note(id, Version(Array.IndexOf(answers, HttpStatusCode.OK)));
    }

    private Task<HttpStatusCode[]> AllAsync(Func<int, object> body, string path) => Task.WhenAll(_callers.Select(async (caller, i) =>
    {
        using HttpResponseMessage answer = await caller.PostAsJsonAsync(path, body(i), _cancel);
        return answer.StatusCode;
    }));

    private string NewId() => $"{_run:x16}-{_ids++:x16}";

    private static string Version(int i) => $"Number {i}.";

    private static object Trace(string id, string answer) => new { trace_id = id, model_name = Model, user_query = Query, ai_response = answer };

    private void Note(string id, string answer) => _ground.Note(id, TraceContent.Hash(Model, Query, answer, 0, 0, 0), acknowledged: true);

    public void Dispose() => Array.ForEach(_callers, caller => caller.Dispose());
}
