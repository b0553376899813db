namespace LlmEval.Tests.Support;

/// <summary>The folder that this test run was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathTo(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The files under a folder, without what a build leaves there; none when there is no such folder.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        (Directory.Exists(PathTo(folder)) ? Directory.EnumerateFiles(PathTo(folder), pattern, SearchOption.AllDirectories) : [])
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"));

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LlmEval.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No LlmEval.slnx above {AppContext.BaseDirectory}.");
    }
}
