using System.Security.Authentication;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmEval.Tests.Storage;

/// <summary>A PostgreSQL that answers and does not let the server in.</summary>
public class RefusalTests
{
    private const string Secret = "not-to-be-told";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("no_such_database", null, null, "createdb")]
    [InlineData(null, "no_such_user", null, "DATABASE_PASSWORD")]
    [InlineData(null, null, "sslmode=require", "sslmode=prefer")]
    public async Task AtTheStartItStopsTheProcessAndSaysWhichSettingToLookAt(string? database, string? user, string? query, string named)
    {
        if (TestPostgres.ServerUrl is null)
        {
            Needs.SkipOrFail(TestPostgres.NotThere);
        }

        var url = new UriBuilder(TestPostgres.ServerUrl!);
        (url.Path, url.UserName, url.Password) = (database ?? url.Path, user ?? url.UserName, user is null ? url.Password : Secret);
        url.Query = query ?? url.Query;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("DATABASE_URL", (string?)url.Uri.AbsoluteUri)]);
        builder.Logging.AddProvider(new TestOutputLog());
        builder.Services.AddStorage(builder.Configuration);
        IHost host = builder.Build();
        StorageReadiness readiness = host.Services.GetRequiredService<StorageReadiness>();

        await host.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);

        string message = Assert.Throws<StorageSetupException>(readiness.ThrowIfRefused).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains("DATABASE_URL", message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, message, StringComparison.Ordinal);
    }

    [Fact]
    public void APasswordThatIsMissingIsNoOutageAtTheStart() => Assert.Contains(
        "DATABASE_PASSWORD",
        PostgresRefusal.Of(new NpgsqlException("No password has been provided but the backend requires one (in SASL/SCRAM-SHA-256)"))?.Message,
        StringComparison.Ordinal);

    public static TheoryData<Exception> Certificates => [new AuthenticationException("The remote certificate is invalid."), new FileNotFoundException("No such file.")];

    [Theory]
    [MemberData(nameof(Certificates))]
    public void ACertificateThatCannotBeVerifiedIsNoOutageAtTheStart(Exception why)
    {
        string message = PostgresRefusal.Of(new NpgsqlException("Exception while performing SSL handshake", why))!.Message;

        Assert.Contains(why.Message, message, StringComparison.Ordinal);
        Assert.Contains("sslrootcert", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AConnectionThatIsLostIsAnOutage() =>
        Assert.Null(PostgresRefusal.Of(new NpgsqlException("Exception while performing SSL handshake", new IOException("Received an unexpected EOF."))));

    [Theory]
    [InlineData("28P01", true)]
    [InlineData("28000", true)]
    [InlineData("3D000", true)]
    [InlineData("57P03", false)]
    [InlineData("55000", false)]
    [InlineData("42501", false)]
    public void AServerThatRunsTakesItForAnOutage(string state, bool refuses)
    {
        var fault = new PostgresException("says no", "FATAL", "FATAL", state);

        Assert.Equal(refuses, PostgresRefusal.Of(fault) is not null);
        Assert.True(Outage.Is(fault));
    }

    [Theory]
    [InlineData("42P01")]
    [InlineData("42501")]
    [InlineData("55000")]
    public void AStatementThatIsRefusedIsNoOutage(string state) =>
        Assert.False(Outage.Is(new PostgresException("says no", "ERROR", "ERROR", state)));
}
