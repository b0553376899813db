using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

internal static class PostgresDataSource
{
    /// <summary>
    /// Server-side limits against a process that stalls in the middle of a transaction and would hold the event counter: an idle
    /// transaction ends after 10 s, a wait for a lock after 5 s, a dead peer is noticed within 15 s. jit only costs here.
    /// </summary>
    internal const string SessionSettings =
        "-c idle_in_transaction_session_timeout=10000 -c lock_timeout=5000 -c jit=off "
        + "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3";

    private const string GssMode = "GSS Encryption Mode";

    /// <param name="map">Adds types of the database that a feature sends.</param>
    public static NpgsqlDataSource Create(StorageOptions options, int connections, Action<NpgsqlDataSourceBuilder>? map = null)
    {
        if (!DatabaseUrl.TryParse(options.DatabaseUrl!, out NpgsqlConnectionStringBuilder? settings, out string? fault))
        {
            throw new InvalidOperationException($"DATABASE_URL {fault}");
        }

        settings.Password = options.DatabasePassword ?? settings.Password;
        settings.MaxPoolSize = connections;
        settings.ApplicationName ??= "LlmEval";
        settings.TcpKeepAlive = true;

        // By default each connection asks for Kerberos first, through a library that containers have not: it would say so each time.
        if (!settings.ShouldSerialize(GssMode))
        {
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        settings.Options = $"{SessionSettings} {settings.Options}".Trim();
        settings.Timeout = Math.Min(settings.Timeout, 4);
        settings.CommandTimeout = 30;

        // The server is told of a question that is given up, but whether it heard is not waited for: it may stand still.
        settings.CancellationTimeout = -1;

        // Nothing here leaves state in a session, and cleaning it up would cost every commit another statement.
        settings.NoResetOnClose = true;

        // Without a name its measures carry the settings of the connection.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = settings.ApplicationName };
        map?.Invoke(builder);
        return builder.Build();
    }
}
