namespace LlmEval.Tests.Support;

/// <summary>What a test needs beyond .NET. A laptop may lack it; the continuous integration may not.</summary>
internal static class Needs
{
    public static bool IsCi { get; } = Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>Skips the running test, visibly; with <c>CI=true</c> fails it.</summary>
    public static void SkipOrFail(string reason)
    {
        if (IsCi)
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }

    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
