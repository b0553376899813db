namespace LlmEval.Web.People;

/// <summary>Where a person is brought after they signed in: a link that they followed must not bring them to another site.</summary>
internal static class LocalAddress
{
    /// <param name="baseUri">Of this server, or of a project on it: with a slash at the end.</param>
    /// <param name="wanted">A path of ours, with its query; anything else leads to the start page.</param>
    /// <returns>Absolute, on this server.</returns>
    public static string Of(string baseUri, string? wanted)
    {
        string path = (wanted ?? "").TrimStart('/');
        bool isOurs = !path.Any(c => c == '\\' || char.IsControl(c))
            && Uri.TryCreate(new Uri(baseUri), path, out Uri? uri)
            && uri.AbsoluteUri.StartsWith(baseUri, StringComparison.Ordinal)
            && uri.AbsoluteUri[baseUri.Length..] is var resolved

            // Whoever takes the path alone would read the name of another site in it.
            && !resolved.StartsWith('/')
            && !IsWayIn(resolved);
        return isOurs ? new Uri(new Uri(baseUri), path).AbsoluteUri : baseUri;
    }

    private static bool IsWayIn(string path) => path.Split('?', '#')[0] is "sign-in" or "sign-out" or "join" or "setup";
}
