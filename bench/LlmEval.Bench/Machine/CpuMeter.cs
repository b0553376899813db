using System.Diagnostics;
using System.Globalization;

namespace LlmEval.Bench.Machine;

/// <summary>Processor time over a stretch of a run, in seconds.</summary>
/// <param name="Server">Of the servers under test.</param>
/// <param name="Database">Of PostgreSQL with all its backends.</param>
/// <param name="Load">Of this program.</param>
/// <param name="Others">Of everything else on the machine: tells a noisy run.</param>
internal readonly record struct CpuUse(double Server, double Database, double Load, double Others, double Elapsed)
{
    /// <summary>How many cores other processes kept busy.</summary>
    public double OtherCores => Others / Elapsed;

    /// <summary>Microseconds of server and database per trace.</summary>
    public double PerTrace(double traces) => Each(Server + Database, traces);

    public double ServerPerTrace(double traces) => Each(Server, traces);

    public double DatabasePerTrace(double traces) => Each(Database, traces);

    private static double Each(double seconds, double traces) => traces > 0 ? seconds * 1e6 / traces : double.NaN;
}

/// <summary>Reads processor times from <c>/proc</c>.</summary>
internal sealed class CpuMeter(IReadOnlyList<int> servers, int? postmaster)
{
    private const double TicksPerSecond = 100;

    private (double Server, double Database, double Load, double All, long At) _start;

    public void Start() => _start = Read();

    public CpuUse Stop()
    {
        var end = Read();
        double server = end.Server - _start.Server;
        double database = end.Database - _start.Database;
        double load = end.Load - _start.Load;
        double others = Math.Max(0, end.All - _start.All - server - database - load);
        return new CpuUse(server, database, load, others, Stopwatch.GetElapsedTime(_start.At, end.At).TotalSeconds);
    }

    /// <summary>Resident memory of a process, in bytes.</summary>
    public static long ResidentBytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line[6..^2].Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    private (double Server, double Database, double Load, double All, long At) Read() => (
        servers.Sum(Own),
        postmaster is { } pid ? WithChildren(pid) : 0,
        Own(Environment.ProcessId),
        WholeMachine(),
        Stopwatch.GetTimestamp());

    private static double Own(int pid) => Stat(pid) is { } s ? s.Own : 0;

    // The postmaster's own entry holds the time of the backends that have ended.
    private static double WithChildren(int parent)
    {
        double sum = Stat(parent) is { } self ? self.Own + self.EndedChildren : 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid)
                && Stat(pid) is { } s
                && s.Parent == parent)
            {
                sum += s.Own;
            }
        }

        return sum;
    }

    private static (int Parent, double Own, double EndedChildren)? Stat(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // After the name, which may hold blanks and parentheses: state, parent, …
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        double Seconds(int at) => long.Parse(fields[at], CultureInfo.InvariantCulture) / TicksPerSecond;
        return (int.Parse(fields[1], CultureInfo.InvariantCulture), Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));
    }

    // user, nice, system, irq, softirq: without idle, waiting for disks, and what the hypervisor took.
    private static double WholeMachine()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new[] { 1, 2, 3, 6, 7 }.Sum(at => long.Parse(fields[at], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
