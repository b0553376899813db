namespace LlmEval.Web.People;

/// <summary>A browser by the two words that people know it by.</summary>
internal static class DeviceWords
{
    // In this order: most browsers claim to be the ones below them.
    private static readonly (string Sign, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Sign, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    /// <param name="agent">What it sends as <c>User-Agent</c>.</param>
    public static string Of(string agent)
    {
        string? browser = Browsers.FirstOrDefault(b => agent.Contains(b.Sign, StringComparison.Ordinal)).Name;
        string? system = Systems.FirstOrDefault(s => agent.Contains(s.Sign, StringComparison.Ordinal)).Name;
        return (browser, system) switch
        {
            (null, null) => "Another program",
            (null, _) => system!,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }
}
