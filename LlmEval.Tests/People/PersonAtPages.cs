using AngleSharp.Dom;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;

namespace LlmEval.Tests.People;

/// <summary>A signed-in person before the pages of a server, without a browser.</summary>
internal sealed class PersonAtPages : BunitContext
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly OpenPage _circuit;

    private PersonAtPages(OpenPage circuit)
    {
        _circuit = circuit;
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        Services.AddScoped(provider => new ViewerTime(provider.GetRequiredService<IJSRuntime>(), new CircuitLink(), TimeProvider.System));
        Services.AddSingleton(circuit.Get<PageCaller>());
        Services.AddFallbackServiceProvider(circuit.Get<IServiceProvider>());
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    public static async Task<PersonAtPages> SignInAsync(TestServer server, Role? role = Role.Admin, bool owner = false) =>
        new(OpenPage.By(server, await server.SignInAsync(role, owner: owner)));

    public static async Task<PersonAtPages> WithPasswordAsync(TestServer server)
    {
        User owner = await server.SetUpAsync();
        NewSession? session = await server.Services.GetRequiredService<Sessions>()
            .StartAsync(owner, "password", new Device("a browser", null), null, PeopleSteps.Tester, Xunit.TestContext.Current.CancellationToken);
        return new PersonAtPages(OpenPage.By(server, session!.Token));
    }

    /// <summary>
    /// Does something twice: both arrive before the page can show anything of the first, unless that is done at once and has taken away
    /// what is clicked.
    /// </summary>
    public static Task TwiceAsync<T>(IRenderedComponent<T> page, string selector, Func<IElement, Task> act)
        where T : IComponent => page.InvokeAsync(() =>
    {
        Task first = act(page.Find(selector));
        return Task.WhenAll(page.FindAll(selector).Take(1).Select(act).Prepend(first));
    });

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _circuit.DisposeAsync();
    }
}
