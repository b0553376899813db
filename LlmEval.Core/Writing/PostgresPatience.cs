namespace LlmEval.Core.Writing;

/// <summary>
/// How long a writer waits for PostgreSQL. The driver gives a question up after its time, and then tells the server so: of one that
/// stands still, which accepts a connection and says nothing, that takes it 8 seconds more. Such a question is left behind, to end alone.
/// </summary>
/// <remarks>By the machine's clock, which the driver goes by: this comes after the driver's own end, and a test that moves time moves only one of them.</remarks>
internal static class PostgresPatience
{
    /// <summary>A healthy commit takes milliseconds; past this the caller is better served by a 503, which is to come within five seconds.</summary>
    public const int CommandSeconds = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(CommandSeconds + 1);

    /// <param name="question">Lets go of what it holds when it ends, whoever waits for it.</param>
    /// <exception cref="TimeoutException">It goes on, unless it is completed.</exception>
    public static Task<T> WaitPatientlyAsync<T>(this Task<T> question) => question.WaitAsync(Patience);
}
