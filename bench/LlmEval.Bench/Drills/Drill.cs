using System.Diagnostics;
using LlmEval.Bench.Reports;

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
        ["nginx"] = NginxDrill.RunAsync,
        ["freeze"] = FreezeDrill.RunAsync,
        ["alerts"] = AlertsDrill.RunAsync,
        ["stall"] = StallDrill.RunAsync,
        ["latency"] = LatencyDrill.RunAsync,
        ["slow"] = SlowDrill.RunAsync,
        ["storm"] = StormDrill.RunAsync,
        ["resume"] = ResumeDrill.RunAsync,
        ["sqlite"] = SqliteDrill.RunAsync,
        ["loris"] = LorisDrill.RunAsync,
        ["connections"] = ConnectionsDrill.RunAsync,
        ["snapshot"] = SnapshotDrill.RunAsync,
        ["judge"] = JudgeDrill.RunAsync,
        ["setup"] = SetUpDrill.RunAsync,
        ["writers"] = WritersDrill.RunAsync,
        ["duplicates"] = DuplicatesDrill.RunAsync,
    };

    // Those that know both databases.
    private static readonly string[] OnSqliteToo = ["kill", "sigterm", "mutate", "resume", "judge", "storm", "slow", "loris", "sqlite", "duplicates"];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string name = arguments.Plain.FirstOrDefault() ?? "";
        if (name == "all")
        {
            await RunAllAsync(arguments, cancel);
            return;
        }

        if (!All.TryGetValue(name, out Func<DrillSettings, CancellationToken, Task<string>>? drill))
        {
            throw new BenchFailure($"which drill? {string.Join(", ", All.Keys)}, or all");
        }

        var settings = new DrillSettings(arguments, arguments.Has("short"), arguments.Has("sqlite"));
        arguments.Has("keep");
        arguments.Has("write");
        arguments.RefuseUnknown();
        MakeStartsCheap(settings.Short);
        long began = Stopwatch.GetTimestamp();
        string found = await drill(settings, cancel);
        Console.WriteLine($"drill {name}: {found} ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)");
        if (arguments.Has("write"))
        {
            new Report($"drill-{name}", $"Drill {name}").Add($"{found}.").Publish(arguments);
        }
    }

    // Servers of the short forms live for seconds: code that is watched, to be compiled again for speed, costs more than it brings.
    private static void MakeStartsCheap(bool brief)
    {
        if (brief)
        {
            Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        }
    }

    private static async Task RunAllAsync(Arguments arguments, CancellationToken cancel)
    {
        bool brief = arguments.Has("short");
        MakeStartsCheap(brief);
        arguments.Has("write");
        arguments.Has("keep");
        var table = new Table("drill", "database", "found");
        foreach ((string name, Func<DrillSettings, CancellationToken, Task<string>> drill) in All)
        {
            foreach (bool sqlite in OnSqliteToo.Contains(name) ? new[] { false, true } : [false])
            {
                if (name == "sqlite" && !sqlite)
                {
                    continue;
                }

                string found = await drill(new DrillSettings(arguments, brief, sqlite), cancel);
                string database = sqlite ? "SQLite" : "PostgreSQL";
                Console.WriteLine($"drill {name} on {database}: {found}");
                table.Add(name, database, found);
            }
        }

        arguments.RefuseUnknown();
        new Report("drills", "Drills")
            .Add("Each breaks something under load and then holds a ledger of what was acknowledged against the database and against what the readers of the event stream got. "
                + "What each does is said in bench/README.md.")
            .Add(table)
            .Publish(arguments);
    }
}

internal sealed record DrillSettings(Arguments Arguments, bool Short, bool Sqlite)
{
    private readonly int _times = Arguments.Number("times", 0);

    /// <summary>Gives the same numbers in every run, unless <c>--seed</c> asks for others.</summary>
    public Random Random { get; } = new(Arguments.Number("seed", 11));

    /// <summary>Requests a second where the whole form sends as fast as answers come: the short form breaks the same things with less to do besides.</summary>
    public double? BriefRate => Short ? 200 : null;

    /// <summary>How many traces go by between two faults.</summary>
    public int Traces(int whole) => Short ? Math.Max(50, whole / 10) : whole;

    /// <summary>How often the thing is done, where <c>--times</c> does not say.</summary>
    public int Times(int brief, int whole) => _times > 0 ? _times : Short ? brief : whole;
}
