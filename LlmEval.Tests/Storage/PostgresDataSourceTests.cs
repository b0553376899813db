using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Postgres;
using Npgsql;

namespace LlmEval.Tests.Storage;

public class PostgresDataSourceTests
{
    [Theory]
    [InlineData("postgresql://me:secret@db.example/eval_db", GssEncryptionMode.Disable)]
    [InlineData("postgresql://me:secret@db.example/eval_db?gssencmode=prefer", GssEncryptionMode.Prefer)]
    [InlineData("postgresql://me:secret@db.example/eval_db?gssencmode=disable", GssEncryptionMode.Disable)]
    public async Task KerberosIsAskedForWhereTheAddressSaysSo(string url, GssEncryptionMode mode)
    {
        await using NpgsqlDataSource source = PostgresDataSource.Create(new StorageOptions { DatabaseUrl = url }, connections: 1);

        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(source.ConnectionString).GssEncryptionMode);
    }
}
