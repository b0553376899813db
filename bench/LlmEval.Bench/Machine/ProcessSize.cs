namespace LlmEval.Bench.Machine;

/// <summary>What a process holds at a moment.</summary>
internal readonly record struct ProcessSize(long ResidentBytes, int Descriptors, int Threads)
{
    private const double MegaByte = 1e6;

    public static ProcessSize Of(int pid) => new(
        CpuMeter.ResidentBytes(pid),
        Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count(),
        Directory.EnumerateDirectories($"/proc/{pid}/task").Count());

    public override string ToString() => $"{ResidentBytes / MegaByte:0} MB, {Descriptors} descriptors, {Threads} threads";
}
