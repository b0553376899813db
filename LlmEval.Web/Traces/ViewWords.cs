using LlmEval.Core.Primitives;
using LlmEval.Core.Views;

namespace LlmEval.Web.Traces;

/// <summary>What became of a change of saved views, for people.</summary>
public static class ViewWords
{
    public const string Away = "The database cannot be reached. Nothing was changed; try again in a moment.";

    /// <returns>Null when it is done.</returns>
    public static string? Fault(ViewOutcome outcome) => outcome switch
    {
        ViewOutcome.Done => null,
        ViewOutcome.Taken => "There is a view of that name already.",
        ViewOutcome.Gone => "Somebody has renamed or deleted this view meanwhile.",
        ViewOutcome.BadName => $"A name has 1 to {SavedViews.MostCharacters} characters, {Naming.Rule}.",
        ViewOutcome.TooLong => "This list has too many filters to be saved.",
        _ => $"There are {SavedViews.MostViews} views, and no room for more. Delete one first.",
    };
}
