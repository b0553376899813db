using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

internal static class PeopleSteps
{
    public const string Password = "tall green giraffes";

    public static readonly Actor Tester = new("Tester");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes the first owner by the link, as its page does.</summary>
    public static async Task<User> SetUpAsync(this TestServer server, string email = "olivia@example.com")
    {
        Invitations invitations = server.Services.GetRequiredService<Invitations>();
        string token = (await invitations.CreateSetUpAsync(Tester, Cancel))!;
        return await server.JoinAsync(token, email);
    }

    public static async Task<User> InviteAsync(this TestServer server, string email, Role role)
    {
        Invitations invitations = server.Services.GetRequiredService<Invitations>();
        InvitationAnswer answer = await invitations.CreateAsync(Projects.Default, role, email, Tester, Cancel);
        return await server.JoinAsync(answer.Token!, email);
    }

    public static async Task<User> JoinAsync(this TestServer server, string token, string email)
    {
        var person = new NewPerson(email, email.Split('@')[0], server.Services.GetRequiredService<Passwords>().Hash(Password));
        AcceptAnswer answer = await server.Services.GetRequiredService<Invitations>().AcceptAsync(token, person, Tester, Cancel);
        Assert.Empty(answer.Faults);
        return answer.User!;
    }

    /// <summary>What sends a header with every request, and keeps nothing.</summary>
    public static HttpClient As(this TestServer server, string header, string value)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Add(header, value);
        return http;
    }

    public static async Task<List<AuditEntry>> AuditAsync(this IServiceProvider services)
    {
        await using LlmEvalDb db = await services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel);
        return await db.Set<AuditEntry>().OrderBy(e => e.Id).ToListAsync(Cancel);
    }
}
