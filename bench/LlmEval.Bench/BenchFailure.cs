namespace LlmEval.Bench;

/// <summary>A promise did not hold, or the bench could not do its work. The message is for the person who runs it.</summary>
internal sealed class BenchFailure(string message) : Exception(message)
{
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new BenchFailure(message);
        }
    }
}
