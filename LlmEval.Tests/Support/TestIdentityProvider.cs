using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Support;

/// <summary>A provider of identities on a port of its own: OpenID Connect's code flow with PKCE, and tokens signed with RS256.</summary>
internal sealed class TestIdentityProvider : IAsyncDisposable
{
    public const string ClientId = "llmeval";
    public const string ClientSecret = "the client's secret";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, IQueryCollection> _codes = new();

    private TestIdentityProvider()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapGet("/.well-known/openid-configuration", () => new
        {
            issuer = Url,
            authorization_endpoint = $"{Url}/authorize",
            token_endpoint = $"{Url}/token",
            jwks_uri = $"{Url}/jwks",
            response_types_supported = new[] { "code" },
            subject_types_supported = new[] { "public" },
            id_token_signing_alg_values_supported = new[] { "RS256" },
        });
        _app.MapGet("/jwks", () =>
        {
            RSAParameters key = _key.ExportParameters(includePrivateParameters: false);
            return new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "one", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } };
        });
        _app.MapGet("/authorize", (HttpContext context) =>
        {
            string code = Guid.NewGuid().ToString("N");
            _codes[code] = context.Request.Query;
            return Results.Redirect($"{context.Request.Query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(context.Request.Query["state"]!)}&iss={Uri.EscapeDataString(Url)}");
        });
        _app.MapPost("/token", (Delegate)TokenAsync);
    }

    /// <summary>Its address, and what it says <c>iss</c> is.</summary>
    public string Url => _app.Urls.Single().TrimEnd('/');

    /// <summary>Who signs in there.</summary>
    public Dictionary<string, object> Claims { get; } = new()
    {
        ["sub"] = "248289761001",
        ["email"] = "Ida@example.com",
        ["email_verified"] = true,
        ["name"] = "Ida Lind",
    };

    /// <summary>Another key than the one that is published signs from now on.</summary>
    public RSA? Forger { get; set; }

    /// <summary>What its tokens say over the truth, as <c>nonce</c> or <c>aud</c>.</summary>
    public Dictionary<string, object> Lies { get; } = [];

    public Dictionary<string, string?> Settings => new()
    {
        ["LlmEval:OpenIdConnect:Authority"] = Url,
        ["LlmEval:OpenIdConnect:ClientId"] = ClientId,
        ["LlmEval:OpenIdConnect:ClientSecret"] = ClientSecret,
        ["LlmEval:OpenIdConnect:DisplayName"] = "Example Ltd",
    };

    public static async Task<TestIdentityProvider> StartAsync()
    {
        var provider = new TestIdentityProvider();
        await provider._app.StartAsync();
        return provider;
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        bool isGood = _codes.TryRemove(form["code"].ToString(), out IQueryCollection? asked)
            && form["client_id"] == ClientId
            && form["client_secret"] == ClientSecret
            && form["redirect_uri"] == asked["redirect_uri"]
            && asked["code_challenge_method"] == "S256"
            && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == asked["code_challenge"];
        return isGood
            ? Results.Json(new { access_token = "unused", token_type = "Bearer", expires_in = 60, id_token = Sign(asked!["nonce"]!) })
            : Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
    }

    private string Sign(string nonce)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Dictionary<string, object> claims = new(Claims) { ["iss"] = Url, ["aud"] = ClientId, ["iat"] = now, ["exp"] = now + 60, ["nonce"] = nonce };
        foreach ((string name, object lie) in Lies)
        {
            claims[name] = lie;
        }

        string signed = $"{Part(new { alg = "RS256", typ = "JWT", kid = "one" })}.{Part(claims)}";
        byte[] signature = (Forger ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        Forger?.Dispose();
    }
}
