using System.Data.Common;
using System.Globalization;

namespace LlmEval.Bench.Ledgers;

/// <summary>
/// The figures that the server keeps up with every trace and verdict, against a recount of the table: at each grain, of the models one by
/// one and of all together, and to the last digit of the cost.
/// </summary>
internal sealed class StoredFigures
{
    private static readonly string[] Names =
        ["pending", "in_review", "accepted", "rejected", "errors", "tokens_used", "prompt_tokens", "completion_tokens", "cost"];

    /// <summary>Of the product, as they are stored.</summary>
    private static readonly (int Number, string Name)[] Grains = [(0, "in all"), (1, "by minute"), (2, "by quarter of an hour"), (3, "by hour")];

    /// <summary>What is yet to be folded into every grain.</summary>
    private const int Unfolded = -1;

    private readonly decimal[] _counted = new decimal[Names.Length];

    public void Add(StoredTrace trace)
    {
        _counted[trace.Status]++;
        _counted[4] += trace.HasError ? 1 : 0;
        _counted[5] += trace.Tokens;
        _counted[6] += trace.PromptTokens;
        _counted[7] += trace.CompletionTokens;
        _counted[8] += trace.Cost;
    }

    public async Task CompareAsync(List<string> faults, DbConnection database, CancellationToken cancel)
    {
        Dictionary<(int Grain, bool OfAll), decimal[]> kept = await ReadAsync(database, cancel);
        decimal[] unfolded = kept.GetValueOrDefault((Unfolded, false)) ?? new decimal[Names.Length];
        foreach ((int grain, string name) in Grains)
        {
            foreach (bool ofAll in new[] { false, true })
            {
                decimal[] folded = kept.GetValueOrDefault((grain, ofAll)) ?? new decimal[Names.Length];
                Compare(faults, $"{name}, {(ofAll ? "of all models together" : "of the models one by one")},", [.. folded.Zip(unfolded, (a, b) => a + b)]);
            }
        }
    }

    private void Compare(List<string> faults, string where, decimal[] kept)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (kept[i] != _counted[i])
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{Names[i]} {where} is kept as {kept[i]}, and the traces add up to {_counted[i]}"));
            }
        }
    }

    // One statement, and so one state of the database: the server folds while we look.
    private static async Task<Dictionary<(int Grain, bool OfAll), decimal[]>> ReadAsync(DbConnection database, CancellationToken cancel)
    {
        string columns = string.Join(", ", Names);
        await using DbCommand command = database.CreateCommand();
        command.CommandText = $"SELECT grain, model_name, {columns} FROM rollups UNION ALL SELECT {Unfolded}, model_name, {columns} FROM rollup_deltas";
        var kept = new Dictionary<(int Grain, bool OfAll), decimal[]>();
        await using DbDataReader row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            // A model without a name stands for all of them.
            (int, bool) key = (Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture), row.GetString(1).Length == 0);
            if (!kept.TryGetValue(key, out decimal[]? sums))
            {
                kept.Add(key, sums = new decimal[Names.Length]);
            }

            for (int i = 0; i < Names.Length; i++)
            {
                sums[i] += Convert.ToDecimal(row.GetValue(2 + i), CultureInfo.InvariantCulture);
            }
        }

        return kept;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{_counted[2]:N0} accepted, {_counted[3]:N0} rejected, {_counted[5]:N0} tokens, ${_counted[8]:N6}");
}
