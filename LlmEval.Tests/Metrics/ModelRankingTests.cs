using LlmEval.Core.Rollups;
using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class ModelRankingTests
{
    [Fact]
    public void OneBadAnswerOfOneDoesNotOutweighFiftyOfAHundred()
    {
        IReadOnlyList<ModelFaults> worst = ModelRanking.Worst(
            SomeOverview.Of(
                ("one", new Figures { Rejected = 1 }),
                ("half", new Figures { Accepted = 50, Rejected = 50 }),
                ("failing", new Figures { Pending = 100, Errors = 90 }),
                ("fine", new Figures { Accepted = 100 })).Models,
            most: 8);

        Assert.Equal(["failing", "half", "one"], worst.Select(m => m.ModelName));
        Assert.Equal((null, 0.9), (worst[0].Rejected, worst[0].Errors));
        Assert.Equal((0.5, 100), (worst[1].Rejected, worst[1].Judged));
    }

    [Fact]
    public void TheMostJudgedComeFirstAndTheUnjudgedNotAtAll()
    {
        IReadOnlyList<ModelAcceptance> models = ModelRanking.ByJudged(
            SomeOverview.Of(("few", new Figures { Accepted = 2 }), ("none", new Figures { Pending = 9 }), ("many", new Figures { Accepted = 8, Rejected = 2 })).Models,
            most: 8);

        Assert.Equal(["many", "few"], models.Select(m => m.ModelName));
        Assert.Equal(0.8, models[0].Rate);
        Assert.InRange(models[0].Likely.Low, 0.49, 0.491);
    }
}
