using System.Globalization;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Tests.Support;
using LlmEval.Web.Alerts;

namespace LlmEval.Tests.Alerts;

/// <summary>The parts of the page that need no circuit.</summary>
public sealed class AlertsPageTests : BunitContext
{
    public AlertsPageTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void ARuleIsTypedAndSaved()
    {
        RuleDraft draft = RuleDraft.New();
        bool saved = false;
        IRenderedComponent<RuleEditor> editor = Render<RuleEditor>(p => p
            .Add(e => e.Draft, draft)
            .Add(e => e.ModelNames, ["<b>gpt-4</b>"])
            .Add(e => e.Faults, [])
            .Add(e => e.Saved, () => saved = true)
            .Add(e => e.Closed, () => { }));
        Assert.Empty(editor.FindAll("b"));

        editor.Find("select").Change(((int)AlertMeasure.CostPerHour).ToString(CultureInfo.InvariantCulture));
        editor.Find("input").Change("Dear");
        editor.FindAll("input[inputmode=decimal]")[0].Change("12");
        editor.FindAll("select")[1].Change("below");
        editor.Find("form").Submit();

        Assert.True(saved);
        AlertRule rule = draft.ToRule(Projects.Default, out _)!;
        Assert.Equal(("Dear", AlertMeasure.CostPerHour, 12, true), (rule.Name, rule.Measure, rule.Threshold, rule.WhenBelow));
        Assert.Contains("Threshold, $", editor.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void AMuteIsChosenAndTakenBack()
    {
        TimeSpan? chosen = null;
        IRenderedComponent<MuteButton> button = Render<MuteButton>(p => p
            .Add(b => b.Until, null)
            .Add(b => b.Name, "High error rate")
            .Add(b => b.Chosen, (TimeSpan? length) => chosen = length));

        button.Find("select").Change("8");

        Assert.Equal(TimeSpan.FromHours(8), chosen);
        button.Render(p => p.Add(b => b.Until, SomeTrace.Now));
        button.Find("button").Click();
        Assert.Null(chosen);
    }
}
