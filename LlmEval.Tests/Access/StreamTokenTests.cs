using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Access;

public class StreamTokenTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task ATokenOpensStreamsOnEveryReplicaAndNothingElse(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using TestServer one = await TestServer.StartAsync(database);
        NewApiKey key = await one.MakeKeyAsync();
        string token = await MakeAsync(one, key);
        await using TestServer? two = kind == DatabaseKind.Postgres ? await TestServer.StartAsync(database) : null;

        Assert.Equal(200, await OpenAsync(two ?? one, $"/stream/events?access_token={token}"));
        Assert.Equal(200, await OpenAsync(one, $"/stream/events?access_token={token}"));
        Assert.Equal(200, await OpenAsync(one, $"/stream/metrics?access_token={token}"));
        Assert.Equal(401, await OpenAsync(one, $"/api/traces?access_token={token}"));
        Assert.Equal(401, await OpenAsync(one, "/api/traces", token));
        Assert.Equal(401, await OpenAsync(one, "/stream/events", token));
    }

    [Fact]
    public async Task AKeyInTheAddressIsRefusedAndSoIsAnythingElseThere()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        NewApiKey key = await server.MakeKeyAsync();
        string token = await MakeAsync(server, key);
        int last = token[^5] == 'A' ? 'B' : 'A';

        Assert.Equal(401, await OpenAsync(server, $"/stream/events?access_token={key.Token}"));
        Assert.Equal(401, await OpenAsync(server, $"/stream/events?access_token={token[..^5]}{(char)last}{token[^4..]}"));
        Assert.Equal(401, await OpenAsync(server, "/stream/events?access_token=evs_!"));
        Assert.Equal(401, await OpenAsync(server, "/stream/events?access_token="));
        Assert.Equal(401, await OpenAsync(server, $"/stream/events?access_token={token}&access_token={token}"));
        Assert.Equal(401, await OpenAsync(server, $"/stream/events?access_token={token}", key.Token));
    }

    [Fact]
    public async Task ATokenIsOfItsProjectAndOfItsMakersRights()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        NewApiKey key = await server.MakeKeyAsync(Rights.Read, other.Id);
        string token = await MakeAsync(server, key);

        Assert.Equal(200, await OpenAsync(server, $"/p/other/stream/events?access_token={token}"));
        Assert.Equal(200, await OpenAsync(server, $"/stream/events?access_token={token}"));
        await server.MakeProjectAsync("third");
        Assert.Equal(404, await OpenAsync(server, $"/p/third/stream/events?access_token={token}"));

        await server.RevokeAsync(key);
        Assert.Equal(401, await OpenAsync(server, $"/p/other/stream/events?access_token={token}"));
    }

    [Fact]
    public async Task AStreamEndsWithItsToken()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, replace: services => services.AddSingleton<TimeProvider>(time));
        NewApiKey key = await server.MakeKeyAsync();
        string token = await MakeAsync(server, key);
        using HttpResponseMessage answer = await server.Http.GetAsync(
            $"/stream/events?access_token={token}", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        Assert.StartsWith("retry:", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMinutes(10));
        await reader.ReadToEndAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(401, await OpenAsync(server, $"/stream/events?access_token={token}"));
    }

    [Theory]
    [InlineData("key revoked")]
    [InlineData("signed out")]
    [InlineData("disabled")]
    [InlineData("role taken")]
    public async Task AStreamEndsWhenTheMakerOfItsTokenLosesTheirRights(string how)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string session = await server.SignInAsync(Role.Viewer);
        NewApiKey key = await server.MakeKeyAsync(Rights.Read);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(session));
        (Session own, User user) = server.Services.GetRequiredService<AccessDirectory>().Book.FindSession(hash, DateTime.UtcNow)!.Value;
        string token = how == "key revoked" ? await MakeAsync(server, key) : await MakeAsync(server, "Cookie", $"llmeval-session={session}");
        await using TestStream stream = await server.OpenStreamAsync($"/stream/events?access_token={token}");
        Assert.Equal("connected", (await stream.NextAsync()).Name);

        await (how switch
        {
            "key revoked" => server.RevokeAsync(key),
            "signed out" => server.Services.GetRequiredService<Sessions>().EndAsync(own, PeopleSteps.Tester, Cancel),
            "disabled" => server.Services.GetRequiredService<Users>().SetDisabledAsync(user.Id, true, PeopleSteps.Tester, Cancel),
            _ => server.Services.GetRequiredService<Users>().SetRoleAsync(Projects.Default, user.Id, null, PeopleSteps.Tester, Cancel),
        });

        while (await stream.NextFrameAsync() is not null)
        {
        }

        Assert.InRange(await OpenAsync(server, $"/stream/events?access_token={token}"), 401, 404);
    }

    private static Task<string> MakeAsync(TestServer server, NewApiKey key) => MakeAsync(server, "X-API-Key", key.Token);

    private static async Task<string> MakeAsync(TestServer server, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/stream-tokens");
        request.Headers.Add(header, value);
        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        JsonElement made = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(600, made.GetProperty("expires_in").GetInt32());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        return made.GetProperty("token").GetString()!;
    }

    private static async Task<int> OpenAsync(TestServer server, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return (int)answer.StatusCode;
    }
}
