namespace LlmEval.Core.Rollups;

/// <summary>Adds up figures; the histogram is packed once, at the end.</summary>
public sealed class FiguresSum
{
    private readonly Figures _sum = new();
    private readonly Histogram _histogram = new();

    public static Figures Of(IEnumerable<Figures> all)
    {
        var sum = new FiguresSum();
        foreach (Figures figures in all)
        {
            sum.Add(figures);
        }

        return sum.ToFigures();
    }

    public void Add(Figures figures)
    {
        _sum.AddCounts(figures);
        _histogram.Add(figures.Histogram);
    }

    public void Add(FiguresSum other)
    {
        _sum.AddCounts(other._sum);
        _histogram.Add(other._histogram);
    }

    /// <summary>Adds the sum to figures.</summary>
    public void AddTo(Figures target)
    {
        target.AddCounts(_sum);
        _histogram.Add(target.Histogram);
        target.Histogram = _histogram.Pack();
    }

    public Figures ToFigures()
    {
        var figures = new Figures();
        AddTo(figures);
        return figures;
    }
}
