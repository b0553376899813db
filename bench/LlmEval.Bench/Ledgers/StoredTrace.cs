using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Ledgers;

/// <summary>A row of the table of traces, read without the product.</summary>
/// <param name="Content">By <see cref="TraceContent"/>.</param>
/// <param name="Status">0 pending, 1 in review, 2 accepted, 3 rejected.</param>
internal sealed record StoredTrace(
    string Id, string Content, int Status, bool HasError, long Tokens, long PromptTokens, long CompletionTokens, decimal Cost)
{
    public static async IAsyncEnumerable<StoredTrace> AllAsync(DbConnection database, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using DbCommand command = database.CreateCommand();
        command.CommandText =
            "SELECT trace_id, model_name, user_query, ai_response, coalesce(prompt_tokens, 0), coalesce(completion_tokens, 0), cost, status, has_error, coalesce(tokens_used, 0) FROM traces";
        await using DbDataReader row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            (long prompt, long completion) = (Number(row, 4), Number(row, 5));
            decimal cost = row.IsDBNull(6) ? 0 : row.GetDecimal(6);
            string content = TraceContent.Hash(row.GetString(1), row.GetString(2), row.GetString(3), prompt, completion, cost);
            yield return new StoredTrace(row.GetString(0), content, (int)Number(row, 7), Number(row, 8) != 0, Number(row, 9), prompt, completion, cost);
        }
    }

    private static long Number(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
