using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>
/// Traces of a file, not made up: imported into both databases, read back member by member, found by their words, and exported from each
/// into the other, whose export has to be the same byte by byte.
/// </summary>
internal static class RealRun
{
    private static readonly TimeSpan IndexedWithin = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string file = TraceFile.Of(arguments);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: false, cancel);
        arguments.RefuseUnknown();
        byte[] sent = await TraceFile.ReadAsync(file, cancel);
        JsonElement[] traces = [.. Encoding.UTF8.GetString(sent).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

        using ServerProcess postgres = bed.Server("real-postgres", await bed.NewDatabaseAsync());
        using ServerProcess sqlite = bed.SqliteServer("real-sqlite");
        using ServerProcess fromSqlite = bed.Server("from-sqlite", await bed.NewDatabaseAsync(dropLast: false));
        using ServerProcess fromPostgres = bed.SqliteServer("from-postgres");
        var table = new Table("database", "imported in s", "searchable after s", "read back in s", "exported in s", "carried over in s");
        table.Add(["PostgreSQL", .. await TryAsync(postgres, fromPostgres, sent, traces, cancel)]);
        table.Add(["SQLite", .. await TryAsync(sqlite, fromSqlite, sent, traces, cancel)]);
        new Report("real", "Real traces")
            .Add(
                $"{traces.Length:N0} traces of {Path.GetFileName(file)} ({sent.Length / 1e6:0.0} MB) through /api/traces/import. Every one of them was read back "
                + "with each member as it was sent, a word of one in fifty found it, and the export of the database, imported into the other kind, was exported "
                + "from there byte by byte as it had come.")
            .Add(table)
            .Publish(arguments);
    }

    private static async Task<string[]> TryAsync(ServerProcess server, ServerProcess other, byte[] sent, JsonElement[] traces, CancellationToken cancel)
    {
        await server.StartAsync(cancel);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(5) };
        TimeSpan imported = await TimeAsync(() => ImportAsync(http, sent, traces.Length, cancel));
        long stored = Stopwatch.GetTimestamp();
        await SearchAsync(http, traces, cancel);
        TimeSpan searchable = Stopwatch.GetElapsedTime(stored);
        TimeSpan readBack = await TimeAsync(() => ReadBackAsync(http, traces, cancel));
        byte[] export = [];
        TimeSpan exported = await TimeAsync(async () => export = await ExportAsync(http, cancel));

        await other.StartAsync(cancel);
        using var there = new HttpClient { BaseAddress = other.Url, Timeout = TimeSpan.FromMinutes(5) };
        TimeSpan carried = await TimeAsync(() => ImportAsync(there, export, traces.Length, cancel));
        byte[] again = await ExportAsync(there, cancel);
        BenchFailure.Unless(export.AsSpan().SequenceEqual(again), "what was exported, imported into the other database, is exported otherwise there");
        await other.StopAsync(TimeSpan.FromSeconds(10));
        await server.StopAsync(TimeSpan.FromSeconds(10));
        return [.. new[] { imported, searchable, readBack, exported, carried }.Select(time => Figure.Ratio(time.TotalSeconds))];
    }

    private static async Task ImportAsync(HttpClient http, byte[] lines, int count, CancellationToken cancel)
    {
        using var body = new ByteArrayContent(lines);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using HttpResponseMessage answer = await http.PostAsync(new Uri("/api/traces/import", UriKind.Relative), body, cancel);
        string said = await answer.Content.ReadAsStringAsync(cancel);
        BenchFailure.Unless(answer.IsSuccessStatusCode, $"the import was answered with {(int)answer.StatusCode}: {said}");
        int imported = JsonElement.Parse(said).GetProperty("imported").GetInt32();
        BenchFailure.Unless(imported == count, $"of {count} traces {imported} were imported: {said}");
    }

    private static async Task ReadBackAsync(HttpClient http, JsonElement[] traces, CancellationToken cancel)
    {
        foreach (JsonElement trace in traces)
        {
            JsonElement stored = JsonElement.Parse(await http.GetStringAsync(Relative($"/api/trace?trace_id={Escaped(trace, "trace_id")}"), cancel));
            foreach (JsonProperty member in trace.EnumerateObject())
            {
                BenchFailure.Unless(
                    stored.TryGetProperty(member.Name, out JsonElement kept) && JsonElement.DeepEquals(kept, member.Value),
                    $"{trace.GetProperty("trace_id")} is read back with another {member.Name}");
            }
        }
    }

    /// <summary>By the longest of its first words, within the traces of its model.</summary>
    private static async Task SearchAsync(HttpClient http, JsonElement[] traces, CancellationToken cancel)
    {
        foreach (JsonElement trace in traces.Where((_, i) => i % 50 == 0))
        {
            string? word = trace.GetProperty("user_query").GetString()!.Split(' ').Take(40).Where(w => w.All(char.IsAsciiLetter)).MaxBy(w => w.Length);
            if (word is not { Length: > 3 })
            {
                continue;
            }

            string question = $"/api/traces?limit=1000&q={word}&model_name={Escaped(trace, "model_name")}";
            string id = trace.GetProperty("trace_id").GetString()!;
            for (long began = Stopwatch.GetTimestamp(); !await IsFoundAsync(http, question, id, cancel);)
            {
                BenchFailure.Unless(Stopwatch.GetElapsedTime(began) < IndexedWithin, $"{id} is not found by \"{word}\"");
                await Task.Delay(100, cancel);
            }
        }
    }

    private static async Task<bool> IsFoundAsync(HttpClient http, string question, string id, CancellationToken cancel)
    {
        string cursor = "";
        while (true)
        {
            JsonElement page = JsonElement.Parse(await http.GetStringAsync(Relative(question + cursor), cancel));
            if (page.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("trace_id").GetString() == id))
            {
                return true;
            }

            if (page.GetProperty("next_cursor").GetString() is not { } next)
            {
                return false;
            }

            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
    }

    private static Task<byte[]> ExportAsync(HttpClient http, CancellationToken cancel) =>
        http.GetByteArrayAsync(Relative("/api/traces/export?format=jsonl"), cancel);

    private static async Task<TimeSpan> TimeAsync(Func<Task> act)
    {
        long began = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(began);
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static string Escaped(JsonElement trace, string member) => Uri.EscapeDataString(trace.GetProperty(member).GetString()!);
}
