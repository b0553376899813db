using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LlmEval.Bench;
using LlmEval.Bench.Reports;
using LlmEval.MicroBench;

// In this process: a generated project would be built under this repository's rules, which are not meant for it.
bool brief = args.Contains("--short");
Job job = (brief ? Job.ShortRun : Job.MediumRun.WithLaunchCount(1)).WithToolchain(InProcessEmitToolchain.Instance);
IConfig config = DefaultConfig.Instance.AddJob(job);
string[] forBenchmarks = [.. args.Where(a => a is not ("--short" or "--write"))];
Summary[] summaries = [.. BenchmarkSwitcher
    .FromTypes([typeof(HubBenchmarks), typeof(ParserBenchmarks)])
    .Run(forBenchmarks.Length == 0 ? ["--filter", "*"] : forBenchmarks, config)];
BenchmarkReport[] reports = [.. summaries.SelectMany(s => s.Reports).Where(r => r.Success && r.ResultStatistics is not null)];
if (reports.Length == 0)
{
    return summaries.Length == 0 ? 0 : 1;
}

var table = new Table("operation", "mean ns", "± ns", "bytes allocated");
foreach (BenchmarkReport report in reports)
{
    double? bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
    table.Add(
        report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
        report.ResultStatistics!.Mean.ToString("N1", CultureInfo.InvariantCulture),
        report.ResultStatistics.StandardDeviation.ToString("N1", CultureInfo.InvariantCulture),
        bytes is { } b ? b.ToString("N0", CultureInfo.InvariantCulture) : Figure.None);
}

new Report("micro", "Hub and parser")
    .Add("BenchmarkDotNet; each figure is for one event or one trace (of about 800 bytes).")
    .Add(table)
    .Publish(new Arguments(args));
return reports.Length == summaries.Sum(s => s.BenchmarksCases.Length) ? 0 : 1;
