using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Two reviewers decide the same traces at the same moment, one to accept and one to reject: each trace gets one decision, the other
/// reviewer is told, and the figures are those of the table.
/// </summary>
internal static class JudgeDrill
{
    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        int count = settings.Times(brief: 100, whole: 1_000);
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = 200 }, cancel);
        await ground.UntilAcknowledgedAsync(count, TimeSpan.FromSeconds(30), cancel);
        IReadOnlyList<string> ids = await ground.ListAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT trace_id FROM traces LIMIT {count}"), cancel);
        using var http = new HttpClient { BaseAddress = ground.Server.Url, Timeout = TimeSpan.FromSeconds(10) };
        var winners = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (id, stop) =>
        {
            HttpStatusCode[] answers = await Task.WhenAll(JudgeAsync(http, id, "ann", "accepted", stop), JudgeAsync(http, id, "bob", "rejected", stop));
            BenchFailure.Unless(
                answers.Order().SequenceEqual([HttpStatusCode.OK, HttpStatusCode.Conflict]),
                $"of two who judged {id} at once one got {(int)answers[0]} and one {(int)answers[1]}");
            winners[id] = answers[0] == HttpStatusCode.OK ? "ann" : "bob";
        });

        IReadOnlyList<string> stored = await ground.ListAsync("SELECT trace_id || ' ' || evaluator FROM evaluations", cancel);
        BenchFailure.Unless(
            stored.Order(StringComparer.Ordinal).SequenceEqual(winners.Select(w => $"{w.Key} {w.Value}").Order(StringComparer.Ordinal)),
            $"{stored.Count} decisions are stored, and {winners.Count} were confirmed, or not the same");
        long events = await ground.CountAsync("SELECT count(*) FROM events WHERE action = 3", cancel);
        BenchFailure.Unless(events == count, $"{events} events tell of {count} decisions");
        string found = await ground.SettleAsync(cancel);
        await CheckPendingAsync(ground, http, count, cancel);
        int ann = winners.Count(w => w.Value == "ann");
        return $"{count:N0} traces judged by two at once: {ann:N0} decisions are of the one and {count - ann:N0} of the other, each of whom was told {count - ann:N0} and {ann:N0} times "
            + $"that somebody was faster. {found}";
    }

    private static async Task<HttpStatusCode> JudgeAsync(HttpClient http, string id, string who, string status, CancellationToken cancel)
    {
        var verdict = new { trace_id = id, status, evaluator = who, expected_version = 1 };
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/api/evaluations", verdict, cancel);
        return answer.StatusCode;
    }

    private static async Task CheckPendingAsync(DrillGround ground, HttpClient http, int judged, CancellationToken cancel)
    {
        using JsonDocument stats = JsonDocument.Parse(await http.GetStringAsync(new Uri("/webhook/stats", UriKind.Relative), cancel));
        long pending = stats.RootElement.GetProperty("pending_evaluation").GetInt64();
        long stored = await ground.CountAsync("SELECT count(*) FROM traces", cancel);
        BenchFailure.Unless(pending == stored - judged, $"{pending} traces wait for a decision by the figures, {stored - judged} by the tables");
    }
}
