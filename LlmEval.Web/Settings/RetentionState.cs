using System.Globalization;
using LlmEval.Core.Access;
using LlmEval.Core.Retention;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Settings;

/// <summary>What the settings read and write of retention.</summary>
/// <param name="Save">The first in the place of the second: false when something else holds by now.</param>
public sealed record RetentionReads(
    int ProjectId,
    Func<CancellationToken, Task<RetentionPolicy>> Read,
    Func<RetentionPolicy, CancellationToken, Task<RetentionPreview>> Preview,
    Func<RetentionPolicy, RetentionPolicy, CancellationToken, Task<bool>> Save)
{
    public static RetentionReads From(RetentionPolicies policies, RetentionQueries queries, PageProject project, PageCaller viewer) => new(
        project.Id,
        cancel => policies.ReadAsync(project.Id, cancel),
        queries.PreviewAsync,
        async (policy, before, cancel) => await policies.SetAsync(policy, before, (await viewer.DemandAsync(Rights.Admin)).ToActor(), cancel));
}

/// <summary>The form for what is kept: what was typed, what of it would go, and what is saved.</summary>
public sealed class RetentionState(RetentionReads reads)
{
    private RetentionPolicy? _saved;
    private RetentionPolicy? _previewed;
    private int _typed;

    public string Days { get; set; } = "";
    public string Traces { get; set; } = "";

    /// <summary>Of what was typed; null while it is not known.</summary>
    public RetentionPreview? Preview { get; private set; }

    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>What became of the last step.</summary>
    public string? Message { get; private set; }

    public bool Loaded => _saved is not null;

    /// <summary>What was typed differs from what holds, and is without fault.</summary>
    public bool CanSave => _previewed is { } wanted && Preview is not null && _saved is { } saved
        && (wanted.MaxDays, wanted.MaxTraces) != (saved.MaxDays, saved.MaxTraces);

    /// <summary>What was typed is without fault, and it was not to be learned what of it would go: it can be tried again.</summary>
    public bool CanRetry => Loaded && Preview is null && Faults.Count == 0 && Message is not null;

    public async Task LoadAsync(CancellationToken cancel)
    {
        _saved = await reads.Read(cancel);
        Days = _saved.MaxDays?.ToString(CultureInfo.InvariantCulture) ?? "";
        Traces = _saved.MaxTraces?.ToString(CultureInfo.InvariantCulture) ?? "";
        await PreviewAsync(cancel);
    }

    /// <summary>Something else is typed: what is known of what was typed before counts no longer.</summary>
    public void Retype()
    {
        _typed++;
        (Message, Preview, _previewed) = (null, null, null);
    }

    public async Task PreviewAsync(CancellationToken cancel)
    {
        Retype();
        int typed = _typed;
        var faults = new List<string>();
        var wanted = new RetentionPolicy
        {
            ProjectId = reads.ProjectId,
            MaxDays = Parse(Days, "days", RetentionPolicy.MostDays, faults) is { } days ? (int)days : null,
            MaxTraces = Parse(Traces, "traces", RetentionPolicy.MostTraces, faults),
        };
        Faults = faults;
        if (faults.Count > 0)
        {
            return;
        }

        await TryAsync(async () =>
        {
            RetentionPreview preview = await reads.Preview(wanted, cancel);
            if (typed == _typed)
            {
                (Preview, _previewed) = (preview, wanted);
            }
        });
    }

    public async Task SaveAsync(CancellationToken cancel)
    {
        if (!CanSave || this is not { _previewed: { } wanted, Preview: { } preview, _saved: { } before })
        {
            return;
        }

        await TryAsync(async () =>
        {
            if (!await reads.Save(wanted, before, cancel))
            {
                await LoadAsync(cancel);
                Message ??= "Somebody else changed this meanwhile. This is how it stands now: make your change again.";
                return;
            }

            _saved = wanted;
            Message = preview.Going > 0 ? "Saved. What is past keeping goes within ten minutes." : "Saved.";
        });
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Message = "The database cannot be reached. Save again in a moment.";
        }
        catch (NotAllowedException e)
        {
            Message = e.Message;
        }
    }

    private static long? Parse(string text, string what, long most, List<string> faults)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= 1 && number <= most)
        {
            return number;
        }

        faults.Add($"The number of {what} has to be between 1 and {TraceFormat.Count(most)}, or empty to keep all.");
        return null;
    }
}
