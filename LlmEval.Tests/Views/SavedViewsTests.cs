using LlmEval.Core.Access;
using LlmEval.Core.Views;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Views;

public class SavedViewsTests
{
    private const int Project = Projects.Default;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AViewIsKeptUnderItsNameAndListedByIt(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        SavedViews views = core.Get<SavedViews>();
        Assert.Empty(await views.ListAsync(Project, Cancel));

        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, " zebra ", "?status=rejected", overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, "Ärger", "?q=x", overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, "all", "", overwrite: true, Actor.System, Cancel));

        Assert.Equal([("all", ""), ("Ärger", "?q=x"), ("zebra", "?status=rejected")], await ListAsync(views));
    }

    [Theory, EveryDatabase]
    public async Task ANameIsOverwrittenOnlyWhenThatIsWanted(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        SavedViews views = core.Get<SavedViews>();
        await views.SaveAsync(Project, "a", "?q=1", overwrite: false, Actor.System, Cancel);

        Assert.Equal(ViewOutcome.Taken, await views.SaveAsync(Project, "a", "?q=2", overwrite: false, Actor.System, Cancel));
        Assert.Equal([("a", "?q=1")], await ListAsync(views));

        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, "a", "?q=2", overwrite: true, Actor.System, Cancel));
        Assert.Equal([("a", "?q=2")], await ListAsync(views));

        Assert.Equal(ViewOutcome.Taken, await views.SaveAsync(Project, "A", "?q=3", overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, "A", "?q=3", overwrite: true, Actor.System, Cancel));
        Assert.Equal([("a", "?q=3")], await ListAsync(views));
    }

    [Theory, EveryDatabase]
    public async Task AViewIsRenamedUnlessTheNameIsTaken(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        SavedViews views = core.Get<SavedViews>();
        await views.SaveAsync(Project, "a", "?q=1", overwrite: false, Actor.System, Cancel);
        await views.SaveAsync(Project, "b", "?q=2", overwrite: false, Actor.System, Cancel);

        Assert.Equal(ViewOutcome.Taken, await views.RenameAsync(Project, "a", "b", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Taken, await views.RenameAsync(Project, "a", "B", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.RenameAsync(Project, "a", "A", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.RenameAsync(Project, "A", "a", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.RenameAsync(Project, "a", "c", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Gone, await views.RenameAsync(Project, "a", "d", Actor.System, Cancel));
        Assert.Equal([("b", "?q=2"), ("c", "?q=1")], await ListAsync(views));

        Assert.Equal(ViewOutcome.Done, await views.DeleteAsync(Project, "b", Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Gone, await views.DeleteAsync(Project, "b", Actor.System, Cancel));
        Assert.Equal([("c", "?q=1")], await ListAsync(views));
    }

    [Theory]
    [EveryDatabase("")]
    [EveryDatabase("  ")]
    [EveryDatabase("a\0b")]
    [EveryDatabase("a\nb")]
    [EveryDatabase("half \ud83d")]
    public async Task ANameHasToBeOne(DatabaseKind kind, string name)
    {
        await using TestCore core = await StartAsync(kind);
        SavedViews views = core.Get<SavedViews>();
        await views.SaveAsync(Project, "a", "", overwrite: false, Actor.System, Cancel);

        Assert.Equal(ViewOutcome.BadName, await views.SaveAsync(Project, name, "", overwrite: true, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.BadName, await views.RenameAsync(Project, "a", name, Actor.System, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task ThereIsABoundToEverything(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        SavedViews views = core.Get<SavedViews>();
        string longest = string.Concat(Enumerable.Repeat("😀", SavedViews.MostCharacters));

        Assert.Equal(ViewOutcome.BadName, await views.SaveAsync(Project, longest + "x", "", overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.TooLong, await views.SaveAsync(Project, "a", new string('x', 8_001), overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, longest, "", overwrite: false, Actor.System, Cancel));
        for (int i = 1; i < SavedViews.MostViews; i++)
        {
            Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, $"view {i}", "", overwrite: false, Actor.System, Cancel));
        }

        Assert.Equal(ViewOutcome.TooMany, await views.SaveAsync(Project, "one more", "", overwrite: false, Actor.System, Cancel));
        Assert.Equal(ViewOutcome.Done, await views.SaveAsync(Project, "view 1", "?q=1", overwrite: true, Actor.System, Cancel));
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, _) => services.AddViews());

    private static async Task<(string Name, string Query)[]> ListAsync(SavedViews views) =>
        [.. (await views.ListAsync(Project, Cancel)).Select(v => (v.Name, v.Query))];
}
