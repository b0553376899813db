using LlmEval.Core.Primitives;

namespace LlmEval.Core.Outbound;

/// <summary>A subscription as a person wants it.</summary>
public sealed record SubscriptionDraft
{
    public const int MostNameCharacters = 100;
    public const int MostUrlCharacters = 2_000;
    public const int MostModels = 64;
    public const int MostModelCharacters = 256;

    public string Name { get; init; } = "";
    public string Url { get; init; } = "";
    public BodyFormat Format { get; init; }

    /// <summary>Empty takes every event.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    public IReadOnlyList<string> ModelNames { get; init; } = [];
    public IReadOnlyList<string> Statuses { get; init; } = [];
    public bool Active { get; init; } = true;

    public static SubscriptionDraft Of(Subscription subscription) => new()
    {
        Name = subscription.Name,
        Url = subscription.Url,
        Format = subscription.Format,
        Events = subscription.Events,
        ModelNames = subscription.ModelNames,
        Statuses = subscription.Statuses,
        Active = subscription.State == SubscriptionState.Active,
    };

    /// <summary>The address, when it is one that can be sent to.</summary>
    internal Uri? Address => Uri.TryCreate(Url, UriKind.Absolute, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.UserInfo.Length == 0
        && url.Host.Length > 0
        ? url
        : null;

    /// <summary>Without what surrounds the texts, and with a name.</summary>
    internal SubscriptionDraft Tidy()
    {
        SubscriptionDraft tidy = this with
        {
            Name = Name.Trim(),
            Url = Url.Trim(),
            Events = [.. Events.Distinct()],
            ModelNames = [.. ModelNames.Select(m => m.Trim()).Where(m => m.Length > 0).Distinct()],
            Statuses = [.. Statuses.Distinct()],
        };
        return tidy.Name.Length > 0 || tidy.Address is null ? tidy : tidy with { Name = Cut(tidy.Address.Host) };
    }

    /// <summary>What is wrong with it, each naming its field.</summary>
    internal IEnumerable<string> FindFaults()
    {
        if (Name.Length > MostNameCharacters || (Name.Length > 0 && !Naming.IsReadable(Name)))
        {
            yield return $"name: must have at most {MostNameCharacters} characters, {Naming.Rule}";
        }

        if (Address is null || Url.Length > MostUrlCharacters || Url.Any(char.IsControl))
        {
            yield return $"url: must be an address that begins with https:// or http://, without a user name and with at most {MostUrlCharacters} characters";
        }

        if (Events.FirstOrDefault(e => !EventNames.All.Contains(e)) is { } name)
        {
            yield return $"events: {name} is none of {string.Join(", ", EventNames.All)}";
        }

        if (Statuses.FirstOrDefault(s => !EvaluationStatuses.TryParse(s, out _)) is { } status)
        {
            yield return $"evaluation_status: {status} is none of {string.Join(", ", EvaluationStatuses.All)}";
        }

        if (ModelNames.Count > MostModels || ModelNames.Any(m => m.Length > MostModelCharacters || m.Any(char.IsControl)))
        {
            yield return $"model_name: must be at most {MostModels} names of at most {MostModelCharacters} characters";
        }
    }

    private static string Cut(string text) => text.Length <= MostNameCharacters ? text : text[..MostNameCharacters];
}
