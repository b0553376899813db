using Bunit;
using LlmEval.Tests.Support;
using LlmEval.Web.People;

namespace LlmEval.Tests.People;

public class AccountPageTests
{
    [Theory, EveryDatabase]
    public async Task WhatIsWrongIsSaidInTheFormThatItIsWrongIn(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.WithPasswordAsync(server);
        IRenderedComponent<AccountPage> page = person.Render<AccountPage>();

        page.Find("input[autocomplete=name]").Change("   ");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.StartsWith("The name has to have", Fault(page, "name-title"), StringComparison.Ordinal), PersonAtPages.Patience);
        Assert.Equal("", Fault(page, "password-title"));

        page.Find("input[autocomplete=current-password]").Change("not the one");
        page.Find("input[autocomplete=new-password]").Change("short grey elephants");
        page.FindAll("form")[1].Submit();
        page.WaitForAssertion(() => Assert.Equal("That is not the password that you have.", Fault(page, "password-title")), PersonAtPages.Patience);
        Assert.Equal("", Fault(page, "name-title"));
    }

    private static string Fault(IRenderedComponent<AccountPage> page, string title) => page.Find($"section[aria-labelledby={title}] .fault").TextContent;
}
