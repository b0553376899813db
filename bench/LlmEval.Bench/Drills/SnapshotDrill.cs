using Npgsql;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Somebody else's transaction that wrote stays open, and so does one that holds a snapshot, as a backup's: events reach their readers
/// as soon as before.
/// </summary>
internal static class SnapshotDrill
{
    private const double MostMs = 2_000;

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = 200 }, cancel);
        await ground.UntilAcknowledgedAsync(600, TimeSpan.FromSeconds(30), cancel);
        await ground.ExecuteAsync("CREATE TABLE bystander (what text)", cancel);
        (double before, _) = await ground.DelayAsync(TimeSpan.FromSeconds(settings.Short ? 3 : 10), cancel);
        await using NpgsqlConnection writer = await OpenAsync(ground, cancel);
        await using NpgsqlConnection reader = await OpenAsync(ground, cancel);
        await DoAsync(writer, "BEGIN; INSERT INTO bystander VALUES ('not committed')", cancel);
        await DoAsync(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM events", cancel);
        TimeSpan held = TimeSpan.FromSeconds(settings.Short ? 6 : 60);
        (double beside, double slowest) = await ground.DelayAsync(held, cancel);
        await DoAsync(writer, "COMMIT", cancel);
        await DoAsync(reader, "COMMIT", cancel);
        BenchFailure.Unless(
            beside < Math.Max(2 * before, before + 250) && slowest < Math.Max(MostMs, 4 * before),
            $"events came after {beside:0} ms at p99 and {slowest:0} ms at the slowest beside open transactions, and p99 was {before:0} ms");
        return $"p99 from sending to a reader {before:0.0} ms before and {beside:0.0} ms, slowest {slowest:0.0} ms, beside a transaction that wrote and one with a snapshot, both open "
            + $"for {held.TotalSeconds:0} s. {await ground.SettleAsync(cancel)}";
    }

    private static async Task<NpgsqlConnection> OpenAsync(DrillGround ground, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(ground.Bed!.Postgres.ConnectionString(DrillGround.Database) + ";Pooling=false");
        await connection.OpenAsync(cancel);
        return connection;
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
