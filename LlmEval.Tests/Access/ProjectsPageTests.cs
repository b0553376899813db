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
            () =>
            {
                string[] faults = page.Find(".fault").TextContent.Split(". ");
                Assert.Equal(["Name in addresses", "Name"], faults.Select(fault => fault.Split(':')[0]));
            },
            PersonAtPages.Patience);
    }
}
