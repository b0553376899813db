using LlmEval.Core.Storage.Postgres;
using Npgsql;

namespace LlmEval.Tests.Storage;

public class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgresql://me:secret@/eval_db?host=/run/postgresql", "/run/postgresql", 5432)]
    [InlineData("postgresql://me:secret@:6432/eval_db?host=/run/postgresql", "/run/postgresql", 6432)]
    [InlineData("postgres://me:secret@localhost/eval_db?host=/run/postgresql&port=6432", "/run/postgresql", 6432)]
    [InlineData("postgresql:///eval_db?host=/run/postgresql", "/run/postgresql", 5432)]
    [InlineData("postgresql://me:secret@db.example/eval_db", "db.example", 5432)]
    [InlineData("postgresql://me:secret@[::1]:6432/eval_db", "::1", 6432)]
    public void TheHostMayBeAFolderWithASocket(string url, string host, int port)
    {
        Assert.True(DatabaseUrl.TryParse(url, out NpgsqlConnectionStringBuilder? settings, out string? fault), fault);

        Assert.Equal((host, port, "eval_db"), (settings.Host, settings.Port, settings.Database));
    }

    [Theory]
    [InlineData("postgresql://me:se%40cr%2Fet%3A%23%3F%25@db.example/eval_db", "se@cr/et:#?%")]
    [InlineData("postgresql://me:;Host=evil;%20'\"@db.example/eval_db", ";Host=evil; '\"")]
    public void APasswordMayHoldAnySign(string url, string password)
    {
        Assert.True(DatabaseUrl.TryParse(url, out NpgsqlConnectionStringBuilder? settings, out string? fault), fault);

        Assert.Equal((password, "db.example"), (settings.Password, settings.Host));
    }

    [Theory]
    [InlineData("postgresql://me:se/cret@db.example/eval_db", "%2F")]
    [InlineData("postgresql://me:se#cret@db.example/eval_db", "%23")]
    [InlineData("postgresql://me:se?cret@db.example/eval_db", "%3F")]
    [InlineData("postgresql://me:pw@db.example:99999/eval_db", "65535")]
    [InlineData("mysql://me:secret@db.example/eval_db", "begins with postgresql://")]
    [InlineData("Host=db.example;Password=secret", "begins with postgresql://")]
    [InlineData("postgresql://me:pw@db.example", "names no database")]
    [InlineData("postgresql://me:pw@db.example/eval_db?sslmode=bogus", "sslmode=bogus")]
    [InlineData("postgresql://me:pw@db.example/eval_db?sslpasword=secret", "sslpasword")]
    public void WhatCannotBeReadIsSaidWithoutASecret(string url, string said)
    {
        Assert.False(DatabaseUrl.TryParse(url, out _, out string? fault));

        Assert.Contains(said, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", fault, StringComparison.Ordinal);
    }
}
