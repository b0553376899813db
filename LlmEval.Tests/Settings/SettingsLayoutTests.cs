using System.Reflection;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Settings;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Settings;

public sealed class SettingsLayoutTests : BunitContext
{
    private static readonly User Ida = new() { Id = 7, Email = "ida@example.com", Name = "Ida" };

    [Theory]
    [InlineData(Role.Viewer, "General, Projects, Your account, Sessions")]
    [InlineData(Role.Reviewer, "General, Projects, Your account, Sessions")]
    [InlineData(
        Role.Admin, "General, Reasons and tags, Webhooks, API keys, Webhook signatures, People, Audit log, Projects, Your account, Sessions")]
    public void EverybodySeesThePagesThatTheirRoleMayOpen(Role role, string names)
    {
        var caller = new Caller(CallerKind.Person, "Ida", Projects.Default, RightsOf.Role(role)) { User = Ida };

        Assert.Equal(names, string.Join(", ", RenderAt("settings", caller).FindAll("nav a").Select(a => a.TextContent)));
    }

    [Fact]
    public void WhereNobodyHasAnAccountNoneIsOffered()
    {
        IRenderedComponent<SettingsLayout> layout = RenderAt("settings", new Caller(CallerKind.Open, "open", Projects.Default, Rights.All));

        Assert.Contains("API keys", layout.Markup, StringComparison.Ordinal);
        Assert.Empty(layout.FindAll("nav a[href^=account]"));
    }

    [Theory]
    [InlineData("settings", "General")]
    [InlineData("settings/keys?made=1", "API keys")]
    [InlineData("account/sessions", "Sessions")]
    public void ThePageAtHandIsMarkedAndNamedAboveTheNarrowPage(string address, string name)
    {
        IRenderedComponent<SettingsLayout> layout = RenderAt(address, new Caller(CallerKind.Person, "Ida", Projects.Default, Rights.All) { User = Ida });

        Assert.Equal(name, layout.Find("nav a[aria-current=page]").TextContent);
        Assert.Equal(name, layout.Find("button[popovertarget=settings-pages] b").TextContent);
    }

    [Fact]
    public void EveryPageOfTheSettingsStandsInTheListWithTheRightsThatItAsksFor()
    {
        (string, Rights)[] pages =
        [
            .. typeof(SettingsLayout).Assembly.GetTypes()
                .Where(type => type.GetCustomAttribute<LayoutAttribute>()?.LayoutType == typeof(SettingsLayout))
                .Select(type => (type.GetCustomAttribute<RouteAttribute>()!.Template[1..], type.GetCustomAttribute<NeedsAttribute>()!.Rights)),
        ];
        IEnumerable<string> routed = typeof(SettingsLayout).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template[1..])
            .Where(path => path.StartsWith("settings", StringComparison.Ordinal) || path.StartsWith("account", StringComparison.Ordinal));

        Assert.Equal(pages.Order(), SettingsEntry.All.Select(entry => (entry.Path, entry.Needs)).Order());
        Assert.Equal(routed.Order(), SettingsEntry.All.Select(entry => entry.Path).Order());
    }

    private IRenderedComponent<SettingsLayout> RenderAt(string address, Caller caller)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return Render<SettingsLayout>(p => p.AddCascadingValue(caller).Add(l => l.Body, "<h1>Page</h1>"));
    }
}
