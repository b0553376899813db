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
    };

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string name = arguments.Plain.FirstOrDefault() ?? "";
        if (!All.TryGetValue(name, out Func<DrillSettings, CancellationToken, Task<string>>? drill))
        {
            throw new BenchFailure($"which drill? {string.Join(", ", All.Keys)}");
        }

        bool brief = arguments.Has("short");
        var settings = new DrillSettings(arguments, brief, arguments.Has("sqlite"), arguments.Number("times", brief ? 2 : 10));
        arguments.Has("keep");
        arguments.RefuseUnknown();
        long began = Stopwatch.GetTimestamp();
        string found = await drill(settings, cancel);
        Console.WriteLine($"drill {name}: {found} ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)");
    }
}

/// <param name="Times">How often the thing is broken, where that makes sense.</param>
internal sealed record DrillSettings(Arguments Arguments, bool Short, bool Sqlite, int Times)
{
    /// <summary>A number between two, the same in every run.</summary>
    public Random Random { get; } = new(11);
}
