using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class AuditLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task ItIsReadByPagesAndByWhatWhoAndWhere(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, (services, _) =>
        {
            services.AddSingleton(TimeProvider.System);
            services.AddAccess();
        });
        AuditLog log = core.Get<AuditLog>();
        for (int i = 0; i < 5; i++)
        {
            await log.WriteAsync(new Actor(i % 2 == 0 ? "Ada" : "Ben", Address: "10.0.0.1"), i < 3 ? "key.created" : "settings.retention_changed", $"no {i}", i == 4 ? null : Projects.Default, new { i }, Cancel);
        }

        var all = new AuditFilter(null);
        IReadOnlyList<AuditEntry> first = await log.ListAsync(all, null, 2, Cancel);
        IReadOnlyList<AuditEntry> second = await log.ListAsync(all, first[^1].Id, 2, Cancel);

        Assert.Equal(["no 4", "no 3", "no 2", "no 1"], [.. first.Concat(second).Select(e => e.Subject)]);
        Assert.Equal("{\"i\":4}", first[0].Detail!.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(["no 3", "no 2", "no 1", "no 0"], await SubjectsAsync(new AuditFilter(Projects.Default)));
        Assert.Equal(["no 4", "no 3"], await SubjectsAsync(new AuditFilter(null, "settings")));
        Assert.Equal(["no 3", "no 1"], await SubjectsAsync(new AuditFilter(null, null, "BE")));
        Assert.Equal(["no 2"], await SubjectsAsync(new AuditFilter(null, "key", "o 2")));

        async Task<string[]> SubjectsAsync(AuditFilter filter) => [.. (await log.ListAsync(filter, null, 50, Cancel)).Select(e => e.Subject)];
    }
}
