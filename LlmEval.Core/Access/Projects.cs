namespace LlmEval.Core.Access;

public static class Projects
{
    /// <summary>The id of the project <c>default</c>.</summary>
    public const int Default = 1;
}
