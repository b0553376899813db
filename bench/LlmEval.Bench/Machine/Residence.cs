namespace LlmEval.Bench.Machine;

/// <summary>Resident memory of a process over a stretch of a run, in bytes. What a collector has yet to free goes up and down: one look says little.</summary>
internal readonly record struct Residence(double Mean, double Most)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks until the task ends.</summary>
    public static async Task<Residence> DuringAsync(int pid, Task run)
    {
        var seen = new List<double>();
        do
        {
            seen.Add(CpuMeter.ResidentBytes(pid));
            await Task.WhenAny(run, Task.Delay(Step));
        }
        while (!run.IsCompleted);

        return new Residence(seen.Average(), seen.Max());
    }
}
