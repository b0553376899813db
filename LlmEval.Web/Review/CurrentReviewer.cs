using LlmEval.Web.Access;
using Microsoft.JSInterop;

namespace LlmEval.Web.Review;

/// <summary>
/// Who reviews on this circuit: the person who is signed in. Where nobody has to sign in it is a name that the person chose, kept in
/// their browser.
/// </summary>
public sealed class CurrentReviewer(IJSRuntime js, FindViewer findViewer)
{
    public const int MostCharacters = 80;

    private const string Module = "./js/reviewer.js";

    private Task? _asked;

    /// <summary>Empty while nobody has said.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The name is that of an account, and changed there.</summary>
    public bool IsSignedIn { get; private set; }

    /// <summary>Asks once.</summary>
    public Task KnowAsync() => _asked ??= AskAsync();

    public async Task ChooseAsync(string? name)
    {
        Name = Tidy(name);
        await using IJSObjectReference module = await js.InvokeAsync<IJSObjectReference>("import", Module);
        await module.InvokeVoidAsync("choose", Name);
    }

    /// <summary>One or two letters to show in the place of a picture.</summary>
    public static string Initials(string name)
    {
        string[] words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0 ? "?" : string.Concat(words.Take(2).Select(w => w.EnumerateRunes().First().ToString())).ToUpperInvariant();
    }

    private async Task AskAsync()
    {
        if (await findViewer() is { User: { } user })
        {
            (Name, IsSignedIn) = (user.Name, true);
            return;
        }

        await using IJSObjectReference module = await js.InvokeAsync<IJSObjectReference>("import", Module);
        Name = Tidy(await module.InvokeAsync<string?>("name"));
    }

    private static string Tidy(string? name)
    {
        string trimmed = (name ?? "").Trim();
        return trimmed.Length <= MostCharacters ? trimmed : trimmed[..MostCharacters];
    }
}
