namespace LlmEval.Core.Views;

/// <summary>What became of a change of saved views.</summary>
public enum ViewOutcome
{
    Done,

    /// <summary>There is another view of that name.</summary>
    Taken,

    /// <summary>There is no such view, or no longer.</summary>
    Gone,

    /// <summary>The name is empty, too long, or has what cannot be seen.</summary>
    BadName,

    /// <summary>What the view shows takes too long an address.</summary>
    TooLong,

    /// <summary>The project has as many as it may.</summary>
    TooMany,
}
