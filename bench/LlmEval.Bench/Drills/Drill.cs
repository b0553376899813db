using System.Diagnostics;

namespace LlmEval.Bench.Drills;

/// <summary>Breaks things under load and checks what was promised. <c>--short</c> is the form that tests call.</summary>
internal static class Drill
{
    private static readonly Dictionary<string, Func<DrillSettings, CancellationToken, Task<string>>> All = new()
    {
        ["kill"] = KillDrill.RunAsync,
        ["postgres"] = PostgresDrill.RunAsync,
        ["redis"] = RedisDrill.RunAsync,
        ["sigterm"] = SigTermDrill.RunAsync,
        ["mutate"] = MutateDrill.RunAsync,
    };

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string name = arguments.Plain.FirstOrDefault() ?? "";
        if (!All.TryGetValue(name, out Func<DrillSettings, CancellationToken, Task<string>>? drill))
        {
            throw new BenchFailure($"which drill? {string.Join(", ", All.Keys)}");
        }

        var settings = new DrillSettings(arguments, arguments.Has("short"), arguments.Has("sqlite"));
        arguments.Has("keep");
        arguments.RefuseUnknown();
        long began = Stopwatch.GetTimestamp();
        string found = await drill(settings, cancel);
        Console.WriteLine($"drill {name}: {found} ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)");
    }
}

internal sealed record DrillSettings(Arguments Arguments, bool Short, bool Sqlite)
{
    private readonly int _times = Arguments.Number("times", 0);

    /// <summary>Gives the same numbers in every run, unless <c>--seed</c> asks for others.</summary>
    public Random Random { get; } = new(Arguments.Number("seed", 11));

    /// <summary>How often the thing is done, where <c>--times</c> does not say.</summary>
    public int Times(int brief, int whole) => _times > 0 ? _times : Short ? brief : whole;
}
