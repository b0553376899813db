using System.Data.Common;
using System.Globalization;

namespace LlmEval.Bench.Ledgers;

/// <summary>Compares what was promised with what the database holds, reading its tables directly.</summary>
internal static class LedgerCheck
{
    /// <summary>Throws when a promise was broken.</summary>
    /// <returns>What was found, for the report.</returns>
    public static async Task<string> RunAsync(string ledgerPath, DbConnection database, CancellationToken cancel)
    {
        var attempted = new Dictionary<string, string>();
        var acknowledged = new HashSet<string>();
        foreach (string line in File.ReadLines(ledgerPath))
        {
            if (line[0] == '=')
            {
                acknowledged.Add(line[1..]);
            }
            else
            {
                int space = line.IndexOf(' ', StringComparison.Ordinal);
                attempted[line[1..space]] = line[(space + 1)..];
            }
        }

        await database.OpenAsync(cancel);
        var stored = new HashSet<string>();
        var faults = new List<string>();
        var figures = new StoredFigures();
        await foreach (StoredTrace trace in StoredTrace.AllAsync(database, cancel))
        {
            if (!stored.Add(trace.Id))
            {
                faults.Add($"trace {trace.Id} is stored twice");
            }

            if (attempted.TryGetValue(trace.Id, out string? content) && content != trace.Content)
            {
                faults.Add($"trace {trace.Id} does not say what was sent");
            }

            figures.Add(trace);
        }

        Compare(faults, acknowledged.Except(stored), "was acknowledged and is not stored");
        Compare(faults, stored.Except(attempted.Keys), "is stored and was never sent");
        await CheckEventsAsync(faults, database, stored.Count, cancel);
        await figures.CompareAsync(faults, database, cancel);
        BenchFailure.Unless(faults.Count == 0, string.Join('\n', faults.Take(20)));
        return $"{attempted.Count:N0} traces sent, {acknowledged.Count:N0} acknowledged, {stored.Count:N0} stored, each once and as it was sent; "
            + $"{stored.Count:N0} events of new traces, ids without a gap; the figures kept are those of the table ({figures})";
    }

    private static void Compare(List<string> faults, IEnumerable<string> wrong, string what)
    {
        string[] ids = [.. wrong];
        if (ids.Length > 0)
        {
            faults.Add($"{ids.Length} traces: {ids[0]} {what}");
        }
    }

    private static async Task CheckEventsAsync(List<string> faults, DbConnection database, int traces, CancellationToken cancel)
    {
        long count = await NumberAsync(database, "SELECT count(*) FROM events", cancel);
        long lowest = await NumberAsync(database, "SELECT coalesce(min(id), 1) FROM events", cancel);
        long highest = await NumberAsync(database, "SELECT coalesce(max(id), 0) FROM events", cancel);
        long head = await NumberAsync(database, "SELECT last_id FROM event_head", cancel);
        if (lowest != 1 || highest != count || head != count)
        {
            faults.Add($"event ids have gaps: {count} events from {lowest} to {highest}, the counter stands at {head}");
        }

        long announced = await NumberAsync(database, "SELECT count(*) FROM events WHERE action = 0", cancel);
        long distinct = await NumberAsync(
            database,
            "SELECT count(DISTINCT e.trace_id) FROM events e JOIN traces t ON t.trace_id = e.trace_id WHERE e.action = 0",
            cancel);
        if (announced != traces || distinct != traces)
        {
            faults.Add($"{traces} traces are stored, but {announced} events announce {distinct} of them");
        }
    }

    private static async Task<long> NumberAsync(DbConnection database, string sql, CancellationToken cancel)
    {
        await using DbCommand command = database.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
    }
}
