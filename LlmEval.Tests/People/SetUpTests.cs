using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmEval.Tests.People;

public partial class SetUpTests
{
    private static readonly Dictionary<string, string?> Closed = new() { ["LlmEval:RequireSignIn"] = "true" };

    private readonly ConcurrentQueue<string> _console = [];

    [Theory, EveryDatabase]
    public async Task TheLinkOnTheConsoleMakesTheFirstOwnerOnce(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, Closed, Shown);
        string link = await LinkAsync();
        using var visitor = new Visitor(server);
        Assert.Equal(HttpStatusCode.OK, await visitor.OpenAsync(link));
        Assert.Contains("Make the first account", visitor.Html, StringComparison.Ordinal);
        Assert.Matches("<input[^>]* name=\"Form.Name\"[^>]* autofocus", visitor.Html);

        Assert.NotNull(await visitor.SubmitAsync(("Form.Name", "Olivia"), ("Form.Email", "Olivia@example.com"), ("Form.Password", PeopleSteps.Password)));

        Assert.Equal(HttpStatusCode.OK, await visitor.OpenAsync("/settings/reasons"));
        using var second = new Visitor(server);
        await second.OpenAsync(link);
        Assert.Contains("This link does not hold", second.Html, StringComparison.Ordinal);
        User owner = Assert.Single((await server.Services.GetRequiredService<Users>().ListAsync(Projects.Default, all: true, Cancel))).User;
        Assert.Equal(("olivia@example.com", "Olivia", true), (owner.Email, owner.Name, owner.IsOwner));
        Assert.Single(_console);
    }

    [Theory]
    [InlineData("password1", "among those that are tried first")]
    [InlineData("tall green\uFFFE giraffes", "something in it that is no character")]
    public async Task APasswordThatWillNotDoIsAskedForAgainAndTheLinkStillHolds(string password, string why)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, Closed, Shown);
        using var visitor = new Visitor(server);
        await visitor.OpenAsync(await LinkAsync());

        Assert.Null(await visitor.SubmitAsync(("Form.Name", "Olivia"), ("Form.Email", "olivia@example.com"), ("Form.Password", password)));

        Assert.Contains(why, visitor.Html, StringComparison.Ordinal);
        Assert.Matches("<input[^>]* name=\"Form.Password\"[^>]* autofocus", visitor.Html);
        Assert.NotNull(await visitor.SubmitAsync(("Form.Name", "Olivia"), ("Form.Email", "olivia@example.com"), ("Form.Password", PeopleSteps.Password)));
    }

    /// <summary>Drill 30: two replicas start on an empty database, each shows its link, and both are used at the same moment.</summary>
    [Fact]
    public async Task OfTwoReplicasLinksUsedAtOnceOneMakesAnOwner()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer one = await TestServer.StartAsync(database, Closed, Shown);
        await using TestServer two = await TestServer.StartAsync(database, Closed, Shown);
        await Eventually.TrueAsync(() => Task.FromResult(_console.Count == 2), TimeSpan.FromSeconds(20));
        string[] links = [.. _console.Select(LinkIn)];
        using var first = new Visitor(one);
        using var second = new Visitor(two);
        await first.OpenAsync(links[0]);
        await second.OpenAsync(links[1]);

        string?[] led = await Task.WhenAll(
            first.SubmitAsync(("Form.Name", "One"), ("Form.Email", "one@example.com"), ("Form.Password", PeopleSteps.Password)),
            second.SubmitAsync(("Form.Name", "Two"), ("Form.Email", "two@example.com"), ("Form.Password", PeopleSteps.Password)));

        Assert.Single(led, l => l is not null);
        Assert.Single(await one.Services.GetRequiredService<Users>().ListAsync(Projects.Default, all: true, Cancel));
    }

    [Fact]
    public async Task TheFirstKeyShowsTheLinkSoThatNobodyIsLockedOut()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, replace: Shown);
        Assert.Empty(_console);

        await server.MakeKeyAsync();

        await LinkAsync();
    }

    [Fact]
    public async Task WhereThereIsAnOwnerNoLinkIsShown()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (TestServer server = await TestServer.StartAsync(database, Closed))
        {
            await server.SetUpAsync();
        }

        await using TestServer again = await TestServer.StartAsync(database, Closed, Shown);

        Assert.Null(await again.Services.GetRequiredService<Invitations>().CreateSetUpAsync(PeopleSteps.Tester, Cancel));
        Assert.Empty(_console);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private void Shown(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<ShowSetUpLink>(_console.Enqueue));

    private async Task<string> LinkAsync()
    {
        await Eventually.TrueAsync(() => Task.FromResult(!_console.IsEmpty), TimeSpan.FromSeconds(20));
        return LinkIn(_console.First());
    }

    private static string LinkIn(string text) => new Uri(Link().Match(text).Value).PathAndQuery;

    [GeneratedRegex(@"http://\S+/setup\?token=\S+")]
    private static partial Regex Link();
}
