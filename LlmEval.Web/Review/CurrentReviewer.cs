using System.Text;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using Microsoft.JSInterop;

namespace LlmEval.Web.Review;

/// <summary>
/// Who reviews on this circuit: the person who is signed in. Where nobody has to sign in it is a name that the person chose, kept in
/// their browser.
/// </summary>
public sealed class CurrentReviewer(IJSRuntime js, CircuitLink link, FindViewer findViewer)
{
    public const int MostCharacters = 80;

    private Task<(string Name, bool IsSignedIn)>? _asked;

    /// <summary>Empty while nobody has said.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The name is that of an account, and changed there.</summary>
    public bool IsSignedIn { get; private set; }

    /// <summary>Asks until there was an answer once. A page opens without one too.</summary>
    public async Task KnowAsync()
    {
        bool known = _asked is { IsCompletedSuccessfully: true };
        Task<(string Name, bool IsSignedIn)> asked = _asked ??= AskAsync();
        try
        {
            (string name, bool isSignedIn) = await asked;
            if (!known)
            {
                (Name, IsSignedIn) = (name, isSignedIn);
            }
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            _asked = _asked == asked ? null : _asked;
        }
    }

    public async Task ChooseAsync(string? name)
    {
        Name = Tidy(name);
        await js.InvokeVoidAsync("llmevalViewer.choose", Name);
    }

    /// <summary>One or two letters to show in the place of a picture.</summary>
    public static string Initials(string name)
    {
        Rune[] firsts = [.. name.Split(' ').SelectMany(word => word.EnumerateRunes().Where(Rune.IsLetterOrDigit).Take(1)).Take(2)];
        return firsts.Length == 0 ? "?" : string.Concat(firsts).ToUpperInvariant();
    }

    private async Task<(string Name, bool IsSignedIn)> AskAsync() =>
        await findViewer() is { User: { } user } ? (user.Name, true) : (Tidy(await link.AskAsync(AskBrowserAsync)), false);

    private Task<string?> AskBrowserAsync() => js.InvokeAsync<string?>("llmevalViewer.name").AsTask();

    private static string Tidy(string? name)
    {
        string trimmed = (name ?? "").Trim();
        return trimmed.Length <= MostCharacters ? trimmed : trimmed[..MostCharacters];
    }
}
