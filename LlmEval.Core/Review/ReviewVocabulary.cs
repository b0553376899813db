namespace LlmEval.Core.Review;

/// <summary>The reasons and tags that a project offers to its reviewers. Others may still be typed.</summary>
public sealed class ReviewVocabulary
{
    public int ProjectId { get; set; }

    /// <summary>Why a trace is rejected, the most frequent first: the first nine have keys.</summary>
    public required string[] Reasons { get; set; }

    public required string[] Tags { get; set; }

    /// <summary>0 for what every project begins with; grows with every change.</summary>
    public int Version { get; set; }

    public static ReviewVocabulary Default(int projectId) => new()
    {
        ProjectId = projectId,
        Reasons =
        [
            "Made-up fact", "Wrong answer", "Ignored the question", "Incomplete", "Wrong tool call", "Broke policy", "Too long", "Wrong tone", "Bad format",
        ],
        Tags = [],
    };
}
