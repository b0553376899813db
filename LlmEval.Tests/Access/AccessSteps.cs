using System.Security.Cryptography;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

/// <summary>Gives people and programs their ways into a server.</summary>
internal static class AccessSteps
{
    private static readonly Actor Tester = new("Tester");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<NewApiKey> MakeKeyAsync(
        this TestServer server, Rights scopes = Rights.All, int project = Projects.Default, DateTime? expires = null) =>
        server.Services.GetRequiredService<ApiKeys>().CreateAsync(project, new ApiKeyRequest("a key", scopes, expires), Tester, Cancel);

    public static Task RevokeAsync(this TestServer server, NewApiKey key) =>
        server.Services.GetRequiredService<ApiKeys>().RevokeAsync(key.Key.ProjectId, key.Key.Id, Tester, Cancel);

    public static async Task<Project> MakeProjectAsync(this TestServer server, string slug)
    {
        (Project? project, IReadOnlyList<string> faults) = await server.Services.GetRequiredService<CreateProject>().RunAsync(slug, slug, Tester, Cancel);
        Assert.Empty(faults);
        return project!;
    }

    /// <summary>Signs a new person in.</summary>
    /// <returns>What their browser's cookie holds.</returns>
    public static async Task<string> SignInAsync(
        this TestServer server, Role? role, int project = Projects.Default, bool owner = false, bool disabled = false, bool ended = false,
        string? address = null)
    {
        string token = Guid.NewGuid().ToString("N");
        DateTime now = server.Services.GetRequiredService<TimeProvider>().UtcNow();
        await using (LlmEvalDb db = await server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel))
        {
            var user = new User { Email = $"{token}@example.com", Name = $"{role} {token[..4]}", IsOwner = owner, IsDisabled = disabled, CreatedAt = now };
            db.Add(user);
            await db.SaveChangesAsync(Cancel);
            if (role is { } given)
            {
                db.Add(new Membership { UserId = user.Id, ProjectId = project, Role = given });
            }

            db.Add(new Session
            {
                TokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(token)),
                UserId = user.Id,
                CreatedAt = now,
                SeenAt = now,
                ExpiresAt = ended ? now : now.AddHours(1),
                Device = "a browser",
                Address = address,
            });
            await db.SaveChangesAsync(Cancel);
            await db.Set<AccessHead>().ExecuteUpdateAsync(h => h.SetProperty(x => x.Version, x => x.Version + 1), Cancel);
        }

        await server.Services.GetRequiredService<AccessDirectory>().RefreshAsync(Cancel);
        return token;
    }

    /// <summary>Signs the person of a session in once more.</summary>
    /// <returns>What their other browser's cookie holds.</returns>
    public static async Task<string> SignInAgainAsync(this TestServer server, string session)
    {
        string token = Guid.NewGuid().ToString("N");
        await using (LlmEvalDb db = await server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel))
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(session));
            Session first = await db.Set<Session>().SingleAsync(s => s.TokenHash == hash, Cancel);
            db.Add(new Session
            {
                TokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(token)),
                UserId = first.UserId,
                CreatedAt = first.CreatedAt,
                SeenAt = first.SeenAt,
                ExpiresAt = first.ExpiresAt,
                Device = "another browser",
            });
            await db.SaveChangesAsync(Cancel);
            await db.Set<AccessHead>().ExecuteUpdateAsync(h => h.SetProperty(x => x.Version, x => x.Version + 1), Cancel);
        }

        await server.Services.GetRequiredService<AccessDirectory>().RefreshAsync(Cancel);
        return token;
    }
}
