using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Reports;

/// <summary>The result of one sub-command: printed, and on request put in its section of the performance page.</summary>
internal sealed class Report(string section, string title)
{
    private readonly StringBuilder _text = new($"## {title}\n\n{DescribeRun()}\n\n");

    public Report Add(string paragraph)
    {
        _text.Append(paragraph).Append("\n\n");
        return this;
    }

    public Report Add(Table table)
    {
        _text.Append(table).Append('\n');
        return this;
    }

    /// <summary>Prints it and, with <c>--write</c>, replaces what stands between the section's markers.</summary>
    public void Publish(Arguments arguments)
    {
        Console.WriteLine();
        Console.WriteLine(_text);
        if (arguments.Has("write"))
        {
            Write(Repository.PerformancePage);
        }
    }

    private void Write(string page)
    {
        string open = $"<!-- {section} -->";
        string close = $"<!-- /{section} -->";
        string block = $"{open}\n{_text.ToString().TrimEnd()}\n{close}";
        string old = File.Exists(page) ? File.ReadAllText(page) : "# Performance\n";
        int from = old.IndexOf(open, StringComparison.Ordinal);
        int to = old.IndexOf(close, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(page)!);
        File.WriteAllText(page, from >= 0 && to > from
            ? old[..from] + block + old[(to + close.Length)..]
            : $"{old.TrimEnd()}\n\n{block}\n");
    }

    private static string DescribeRun()
    {
        string processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores of {processor}, {memory:0} GiB, "
            + $"{RuntimeInformation.FrameworkDescription}, {Repository.Configuration} build; load and servers on the same machine.");
    }
}
