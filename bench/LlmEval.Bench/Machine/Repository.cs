namespace LlmEval.Bench.Machine;

/// <summary>Where things lie, found from where this program lies.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary><c>Release</c> or <c>Debug</c>: other programs are taken from the same build as this one.</summary>
    public static string Configuration { get; } =
        AppContext.BaseDirectory.Split(Path.DirectorySeparatorChar).Contains("Release") ? "Release" : "Debug";

    /// <summary><c>LLMEVAL_SERVER</c>, else what was built.</summary>
    public static string ServerAssembly { get; } = Environment.GetEnvironmentVariable("LLMEVAL_SERVER") is { Length: > 0 } given
        ? Path.GetFullPath(given)
        : Path.Combine(Root, "LlmEval.Web", "bin", Configuration, "net10.0", "LlmEval.Web.dll");

    public static string PerformancePage => Path.Combine(Root, "docs", "PERFORMANCE.md");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LlmEval.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new BenchFailure("LlmEval.slnx was not found above this program: run it from the repository's build");
    }
}
