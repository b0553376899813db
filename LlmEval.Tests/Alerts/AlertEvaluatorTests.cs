using LlmEval.Core.Alerts;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Alerts;

public class AlertEvaluatorTests
{
    private AlertState _state;
    private DateTime _now = SomeTrace.Now;

    [Fact]
    public void BadForLongEnoughRaises()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 5);

        Assert.Equal(Enumerable.Repeat(AlertPhase.Pending, 5).Append(AlertPhase.Raised), Phases(rule, Enumerable.Repeat<double?>(6, 6)));
    }

    [Fact]
    public void ABreakBeginsAnew()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 3);

        Assert.DoesNotContain(AlertPhase.Raised, Phases(rule, [6, 6, 6, 5, 6, 6, 6, null, 6, 6, 6]));
    }

    [Fact]
    public void AValueThatHoversAtTheThresholdMakesOneAlert()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 0);

        AlertPhase[] phases = Phases(rule, Enumerable.Range(0, 600).Select(i => (double?)(i % 2 == 0 ? 5.2 : 4.8)));

        Assert.All(phases, phase => Assert.Equal(AlertPhase.Raised, phase));
    }

    [Fact]
    public void GoodForLongEnoughClearsAndAStirBeginsThatAnew()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 0);
        Phases(rule, [9]);

        Assert.DoesNotContain(AlertPhase.Quiet, Phases(rule, [.. Enumerable.Repeat<double?>(1, 29), 4.9, .. Enumerable.Repeat<double?>(1, 30)]));
        Assert.Equal([AlertPhase.Quiet], Phases(rule, [1]));
    }

    [Fact]
    public void NothingToSayClearsToo()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 0);
        Phases(rule, [9]);

        Assert.Equal(AlertPhase.Quiet, Phases(rule, Enumerable.Repeat<double?>(null, 31))[^1]);
    }

    [Theory]
    [InlineData(80, 79.9, AlertPhase.Pending)]
    [InlineData(80, 80.0, AlertPhase.Quiet)]
    [InlineData(80, null, AlertPhase.Quiet)]
    public void AFallIsBadWhereTheRuleSaysSo(double threshold, double? value, AlertPhase expected) =>
        Assert.Equal([expected], Phases(SomeRule.Below(threshold), [value]));

    [Theory]
    [InlineData(100, 90, false)]
    [InlineData(0, 0, false)]
    [InlineData(80, 82, true)]
    [InlineData(99, 99.1, true)]
    public void ItIsGoodATenthAwayFromTheThreshold(double threshold, double clearAt, bool below) =>
        Assert.Equal(clearAt, (below ? SomeRule.Below(threshold) : SomeRule.Above(threshold)).ClearAt, 6);

    private AlertPhase[] Phases(AlertRule rule, IEnumerable<double?> values) =>
    [
        .. values.Select(value =>
        {
            _state = AlertEvaluator.Next(rule, _state, value, _now);
            _now = _now.AddSeconds(1);
            return _state.Phase;
        }),
    ];
}
