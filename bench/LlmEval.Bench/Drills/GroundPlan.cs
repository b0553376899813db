namespace LlmEval.Bench.Drills;

/// <summary>What a drill's server and load are to be like.</summary>
internal sealed record GroundPlan
{
    public bool Redis { get; init; }

    /// <summary>Whether whoever is turned away sends again.</summary>
    public bool Retry { get; init; } = true;

    /// <summary>Whether the server reaches PostgreSQL through a proxy that the drill can spoil.</summary>
    public bool Proxied { get; init; }

    /// <summary>How many PostgreSQL takes.</summary>
    public int PostgresConnections { get; init; } = 200;

    /// <summary>Who the server is for PostgreSQL, and may do no more than it has to; null makes it the superuser.</summary>
    public string? PostgresUser { get; init; }

    /// <summary>Whether the server is told of a full disk by an error, not by a signal that ends it.</summary>
    public bool OutlivesFileLimits { get; init; }

    /// <summary>Requests a second; null sends as fast as answers come.</summary>
    public double? Rate { get; init; }

    /// <summary>Of the event stream.</summary>
    public int? Readers { get; init; }

    /// <summary>Over which the load comes.</summary>
    public int? Connections { get; init; }

    /// <summary>How many servers share the PostgreSQL; load and readers take turns.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>Of the server.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Settings { get; init; } = [];
}
