using Bunit;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;

namespace LlmEval.Tests.Access;

public class ProjectsPageTests
{
    [Theory, EveryDatabase]
    public async Task WhatIsWrongIsSaidInTheWordsOfTheForm(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);
        IRenderedComponent<ProjectsPage> page = person.Render<ProjectsPage>();
        await page.InvokeAsync(() => page.FindAll("input[type=text]")[1].InputAsync("Support Bot"));

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        page.WaitForAssertion(
            () => Assert.Matches("^Name in addresses: must have 1 to .+\\. Name: must have 1 to ", page.Find(".fault").TextContent), PersonAtPages.Patience);
    }
}
