namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>Collects faults; costs nothing while there are none.</summary>
/// <param name="index">The position in the batch, if it is one.</param>
internal struct FaultList(int? index)
{
    /// <summary>Nobody reads more, and a body of 8 MiB could hold a million.</summary>
    private const int MaxListed = 100;

    private List<string>? _faults;
    private int _count;

    public readonly bool Any => _count > 0;

    public void Add(string field, string problem)
    {
        if (_count++ < MaxListed)
        {
            string prefix = index is { } at ? $"traces[{at}]." : "";
            (_faults ??= []).Add($"{prefix}{field}: {problem}");
        }
    }

    /// <summary>A fault of the whole.</summary>
    public void AddWhole(string problem)
    {
        _count++;
        (_faults ??= []).Add($"{(index is { } at ? $"traces[{at}]" : "body")}: {problem}");
    }

    public readonly IReadOnlyList<string> ToList()
    {
        if (_faults is null)
        {
            return [];
        }

        if (_count > MaxListed)
        {
            _faults.Add($"and {_count - MaxListed} more");
        }

        return _faults;
    }
}
