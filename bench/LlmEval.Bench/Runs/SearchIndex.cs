using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Runs;

/// <summary>How far the full-text index is behind.</summary>
internal static class SearchIndex
{
    /// <returns>In events.</returns>
    public static Task<long> LagAsync(PrivatePostgres postgres, string database) =>
        postgres.ScalarAsync<long>(database, "SELECT (SELECT last_id FROM event_head) - (SELECT position FROM projections WHERE name = 'search')");
}
