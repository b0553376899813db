namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>Where the reader stands in one object: the names seen so far and the hash of the members so far.</summary>
internal struct ObjectWalk(ParseScratch scratch)
{
    /// <summary>Looking through so few names is cheaper than a set; beyond, it would be quadratic.</summary>
    private const int FewNames = 32;

    private readonly int _start = scratch.NameCount;
    private HashSet<UInt128>? _many;
    private UInt128 _sum;
    private int _count;

    /// <summary>The hash of the current member's name, see <see cref="CanonicalHash.Text"/>.</summary>
    public UInt128 Name { get; set; }

    /// <summary>Where the current member's name lies in the body, quotes included.</summary>
    public Range RawName { get; set; }

    /// <returns>False for a name that was there before.</returns>
    public bool Enter(UInt128 identity)
    {
        if (_many is not null)
        {
            return _many.Add(identity);
        }

        ReadOnlySpan<UInt128> seen = scratch.NamesFrom(_start);
        if (seen.Contains(identity))
        {
            return false;
        }

        scratch.PushName(identity);
        if (seen.Length == FewNames)
        {
            _many = new HashSet<UInt128>(4 * FewNames);
            foreach (UInt128 name in scratch.NamesFrom(_start))
            {
                _many.Add(name);
            }
        }

        return true;
    }

    /// <summary>Counts the current member with its value.</summary>
    public void Add(UInt128 value)
    {
        _sum += CanonicalHash.Member(Name, value);
        _count++;
    }

    public readonly UInt128 Leave()
    {
        scratch.PopNames(_start);
        return CanonicalHash.Object(_sum, _count);
    }
}
