using LlmEval.Core.Access;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class ReviewVocabulariesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AProjectBeginsWithReasonsThatCanBeChanged(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        ReviewVocabularies vocabularies = core.Get<ReviewVocabularies>();
        ReviewVocabulary first = await vocabularies.GetAsync(Projects.Default, Cancel);
        Assert.Equal(9, first.Reasons.Length);

        (first.Reasons, first.Tags) = ([" Rude ", "", "Rude", "Wrong"], ["billing"]);
        Assert.True((await vocabularies.SaveAsync(first, Actor.System, Cancel)).Saved);
        ReviewVocabulary second = await vocabularies.GetAsync(Projects.Default, Cancel);
        Assert.Equal(["Rude", "Wrong"], second.Reasons);
        Assert.Equal(["billing"], second.Tags);

        second.Reasons = [];
        Assert.True((await vocabularies.SaveAsync(second, Actor.System, Cancel)).Saved);
        Assert.Empty((await vocabularies.GetAsync(Projects.Default, Cancel)).Reasons);
    }

    [Theory, EveryDatabase]
    public async Task OfTwoWhoChangeTheSameStateTheSecondIsTold(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        ReviewVocabularies vocabularies = core.Get<ReviewVocabularies>();
        for (int round = 0; round < 2; round++)
        {
            ReviewVocabulary ann = await vocabularies.GetAsync(Projects.Default, Cancel);
            ReviewVocabulary bob = await vocabularies.GetAsync(Projects.Default, Cancel);
            ann.Tags = [$"ann-{round}"];
            bob.Tags = ["bob"];

            Assert.True((await vocabularies.SaveAsync(ann, Actor.System, Cancel)).Saved);
            VocabularyAnswer refused = await vocabularies.SaveAsync(bob, Actor.System, Cancel);

            Assert.False(refused.Saved);
            Assert.Empty(refused.Faults);
            Assert.Equal([$"ann-{round}"], (await vocabularies.GetAsync(Projects.Default, Cancel)).Tags);
        }
    }

    [Fact]
    public async Task RulesAreNamed()
    {
        await using TestCore core = await ReviewCore.StartAsync(DatabaseKind.Sqlite);
        ReviewVocabulary vocabulary = ReviewVocabulary.Default(Projects.Default);
        vocabulary.Reasons = [.. Enumerable.Range(0, 51).Select(i => $"r{i}")];
        vocabulary.Tags = [new string('x', 257)];

        VocabularyAnswer answer = await core.Get<ReviewVocabularies>().SaveAsync(vocabulary, Actor.System, Cancel);

        Assert.False(answer.Saved);
        Assert.Equal(["reasons", "tags"], answer.Faults.Select(f => f.Split(':')[0]));
    }
}
