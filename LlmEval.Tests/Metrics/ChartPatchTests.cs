using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class ChartPatchTests
{
    private static readonly ChartModel Shown = Of([1, null, 3], [4, 5, 6]);

    [Fact]
    public void OnlyPointsThatDifferAreSent()
    {
        ChartPatch patch = ChartPatch.Between(Shown, Of([1, 2, 3], [4, 5, null]));

        Assert.Equal([new ChartPoint(0, 1, 2), new ChartPoint(1, 2, null)], patch.Points!);
    }

    [Fact]
    public void TheSameIsNothing() => Assert.Empty(ChartPatch.Between(Shown, Of([1, null, 3], [4, 5, 6])).Points!);

    [Fact]
    public void WhenTimeMovesOnOnlyTheNewEndIsSent()
    {
        ChartPatch patch = ChartPatch.Between(Shown, Of([null, 3, 7], [5, 6, null]) with { Times = [2, 3, 4] });

        Assert.Equal([4L], patch.Times);
        Assert.Equal([new ChartPoint(0, 2, 7)], patch.Points!);
    }

    [Fact]
    public void WhatIsMoreThanValuesIsSentWhole()
    {
        Assert.Null(ChartPatch.Between(Shown, Shown with { Times = [4, 5, 6] }).Points);
        Assert.Null(ChartPatch.Between(Shown, Shown with { Times = [1, 2, 4] }).Points);
        Assert.Null(ChartPatch.Between(Shown, Shown with { Series = [Shown.Series[0]] }).Points);
        Assert.Null(ChartPatch.Between(Shown, Shown with { Unit = ChartUnit.Dollars }).Points);
        Assert.Null(ChartPatch.Between(Shown, Shown with { Series = [Shown.Series[0] with { Name = "c" }, Shown.Series[1]] }).Points);
    }

    private static ChartModel Of(double?[] a, double?[] b) => new(
        ChartKind.Columns, ChartUnit.Count, 1, [1, 2, 3], [new ChartSeries("a", "--c1", a), new ChartSeries("b", "--c2", b)]);
}
