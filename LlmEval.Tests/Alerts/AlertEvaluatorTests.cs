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

        Assert.DoesNotContain(AlertPhase.Raised, Phases(rule, [6, 6, 6, 5, 6, 6, 6, 4, 6, 6, 6]));
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

    /// <summary>25 requests that fail, every two minutes: for a minute they are measured, and then there is nothing to measure.</summary>
    [Fact]
    public void WhatFailsInBurstsIsOneAlertAndOverSomeMinutesAfterTheLast()
    {
        AlertRule rule = SomeRule.Above(5);
        double?[] burst = [.. Enumerable.Repeat<double?>(100, 60), .. Enumerable.Repeat<double?>(null, 60)];
        Phases(rule, burst);

        Assert.All(Phases(rule, Enumerable.Repeat(burst, 30).SelectMany(values => values)), phase => Assert.Equal(AlertPhase.Raised, phase));

        Assert.Equal(TimeSpan.FromSeconds(330), rule.ForgetAfter);
        AlertPhase[] after = Phases(rule, Enumerable.Repeat<double?>(null, 330 - 60 + 1));
        Assert.Equal((AlertPhase.Raised, AlertPhase.Quiet), (after[^2], after[^1]));
    }

    [Fact]
    public void ASilenceIsNoBreakOfWhatIsBadAndRaisesNothingItself()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 3);

        Assert.DoesNotContain(AlertPhase.Raised, Phases(rule, [6, 6, null, null, null, null]));
        Assert.Equal([AlertPhase.Raised], Phases(rule, [6]));
    }

    [Fact]
    public void WhatWasBadLongBeforeASilenceIsForgotten()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 3);
        Phases(rule, [6]);
        Phases(rule, Enumerable.Repeat<double?>(null, (int)rule.ForgetAfter.TotalSeconds + 1));

        Assert.Equal([AlertPhase.Pending], Phases(rule, [6]));
    }

    [Fact]
    public void WhatWasGoodBeforeASilenceIsOverAsSoonAsWithout()
    {
        AlertRule rule = SomeRule.Above(5, forSeconds: 0);
        Phases(rule, [9, 1]);

        AlertPhase[] phases = Phases(rule, Enumerable.Repeat<double?>(null, 30));

        Assert.Equal((AlertPhase.Clearing, AlertPhase.Quiet), (phases[^2], phases[^1]));
    }

    [Fact]
    public void NoSilenceKeepsAnAlertOpenForLongHoweverLongItsWindow()
    {
        AlertRule rule = SomeRule.Above(5, AlertMeasure.FailedTraces);
        rule.WindowSeconds = 7 * 86_400;

        Assert.Equal(TimeSpan.FromMinutes(10) + rule.ClearFor, rule.ForgetAfter);
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
