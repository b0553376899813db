using System.Security.Claims;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

/// <summary>The services of a circuit that a signed-in person has open: what clicks on its pages reach.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly AsyncServiceScope _circuit;

    private OpenPage(AsyncServiceScope circuit) => _circuit = circuit;

    /// <param name="session">What the browser's cookie holds.</param>
    public static OpenPage By(TestServer server, string session)
    {
        AsyncServiceScope circuit = server.Services.CreateAsyncScope();
        string hash = Convert.ToHexString(SecretToken.Hash(session));
        var person = new ClaimsPrincipal(new ClaimsIdentity([new Claim("llmeval:session", hash)], "session"));
        ((IHostEnvironmentAuthenticationStateProvider)circuit.ServiceProvider.GetRequiredService<AuthenticationStateProvider>())
            .SetAuthenticationState(Task.FromResult(new AuthenticationState(person)));
        string url = server.Url.AbsoluteUri;
        ((IHostEnvironmentNavigationManager)circuit.ServiceProvider.GetRequiredService<NavigationManager>()).Initialize(url, url);
        return new OpenPage(circuit);
    }

    public T Get<T>()
        where T : notnull => _circuit.ServiceProvider.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _circuit.DisposeAsync();
}
