using AngleSharp.Dom;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.People;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

public class PageGateTests
{
    /// <summary>A step within the circuit would show the same notice at every address of the project.</summary>
    [Theory, EveryDatabase]
    public async Task WhoeverIsTakenOutOfAProjectIsLedOutOfItsPages(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        User user = (await person.Services.GetRequiredService<PageCaller>().FindAsync())!.User!;
        await server.Services.GetRequiredService<Users>().SetRoleAsync(Projects.Default, user.Id, null, PeopleSteps.Tester, Xunit.TestContext.Current.CancellationToken);

        IRenderedComponent<PageGate> gate = person.Render<PageGate>(p => p.Add(g => g.Route, new RouteData(typeof(AuditPage), new Dictionary<string, object?>())));

        IElement way = gate.WaitForElement(".notice a", PersonAtPages.Patience);
        Assert.Equal(("/", "_top"), (way.GetAttribute("href"), way.GetAttribute("target")));
    }
}
