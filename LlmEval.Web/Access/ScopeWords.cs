using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>The scopes as they are written.</summary>
internal static class ScopeWords
{
    public static readonly IReadOnlyList<(Rights Scope, string Word, string Meaning)> All =
    [
        (Rights.Ingest, "ingest", "send traces"),
        (Rights.Read, "read", "read traces, figures and streams"),
        (Rights.Evaluate, "evaluate", "judge and change traces"),
        (Rights.Admin, "admin", "everything in this project"),
    ];

    public static IReadOnlyList<string> Of(Rights scopes) => [.. All.Where(s => scopes.HasFlag(s.Scope)).Select(s => s.Word)];

    /// <returns>None when a word is no scope.</returns>
    public static Rights Parse(IReadOnlyList<string> words)
    {
        Rights scopes = Rights.None;
        foreach (string word in words)
        {
            Rights scope = All.FirstOrDefault(s => s.Word == word).Scope;
            if (scope == Rights.None)
            {
                return Rights.None;
            }

            scopes |= scope;
        }

        return scopes;
    }
}
