using LlmEval.Core.Storage;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Search;

/// <summary>Finds traces through the full-text index.</summary>
internal sealed class TextSearch(ISearchTable table) : ITextSearch
{
    public ITextQuery? Read(string? text) => SearchQuery.Parse(text) switch
    {
        null => null,
        { Wanted.Count: 0 } query => new Without(table, query.Unwanted),
        { } query => new With(table, query),
    };

    private sealed class With(ISearchTable table, SearchQuery query) : ITextQuery
    {
        public string Word => query.Wanted[0].Words[0];

        public Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel) =>
            table.MatchAsync(db, query, rows, cancel);

        public async Task<IReadOnlyList<long>?> FindAsync(LlmEvalDb db, int projectId, int most, CancellationToken cancel)
        {
            IReadOnlyList<long> found = await table.FindAsync(db, query, projectId, most + 1, cancel);
            return found.Count > most ? null : found;
        }
    }

    /// <summary>Everything but what holds certain words: no index lists that.</summary>
    private sealed class Without(ISearchTable table, IReadOnlyList<SearchTerm> unwanted) : ITextQuery
    {
        public string? Word => null;

        public async Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel)
        {
            var left = rows.ToHashSet();
            foreach (SearchTerm term in unwanted)
            {
                left.ExceptWith(await table.MatchAsync(db, new SearchQuery([term], []), rows, cancel));
            }

            return left;
        }

        public Task<IReadOnlyList<long>?> FindAsync(LlmEvalDb db, int projectId, int most, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<long>?>(null);
    }
}
