using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class AuditPageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task OlderLinesAreShownOnceHoweverFastTheyAreAskedFor(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        AuditLog log = server.Services.GetRequiredService<AuditLog>();
        for (int i = 1; i <= 60; i++)
        {
            await log.WriteAsync(PeopleSteps.Tester, "key.made", $"key {i}", Projects.Default, null, Cancel);
        }

        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<AuditPage> page = person.Render<AuditPage>();
        page.WaitForElement(".act button", PersonAtPages.Patience);

        await PersonAtPages.TwiceAsync(page, ".act button", button => button.ClickAsync());

        page.WaitForAssertion(() => Assert.Equal(60, page.FindAll("li").Count), PersonAtPages.Patience);
        Assert.Empty(page.FindAll(".act button"));
    }
}
