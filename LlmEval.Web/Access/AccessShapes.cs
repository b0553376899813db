using System.Text.Json.Serialization;
using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>A key that is asked for.</summary>
/// <param name="Scopes">Of <c>ingest</c>, <c>read</c>, <c>evaluate</c>, <c>admin</c>.</param>
internal sealed record KeyRequest(
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("scopes")] IReadOnlyList<string>? Scopes = null,
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt = null)
{
    public ApiKeyRequest ToRequest() => new(Name ?? "", ScopeWords.Parse(Scopes ?? []), ExpiresAt?.UtcDateTime);
}

internal sealed record KeyShape(
    [property: JsonPropertyName("id")] int Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("prefix")] string Prefix,
    [property: JsonPropertyName("scopes")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("created_by")] string CreatedBy,
    [property: JsonPropertyName("expires_at")] DateTime? ExpiresAt,
    [property: JsonPropertyName("revoked_at")] DateTime? RevokedAt,
    [property: JsonPropertyName("last_used_at")] DateTime? LastUsedAt,
    [property: JsonPropertyName("key")] string? Key)
{
    /// <param name="token">In the one answer that shows it.</param>
    public static KeyShape Of(ApiKey key, string? token = null) => new(
        key.Id,
        key.Name,
        ApiKeyToken.Prefix + key.PublicId,
        ScopeWords.Of(key.Scopes),
        key.CreatedAt,
        key.CreatedBy,
        key.ExpiresAt,
        key.RevokedAt,
        key.LastUsedAt,
        token);
}

internal sealed record KeyListShape([property: JsonPropertyName("items")] IReadOnlyList<KeyShape> Items);

internal sealed record ProjectRequest(
    [property: JsonPropertyName("slug")] string? Slug = null,
    [property: JsonPropertyName("name")] string? Name = null);

internal sealed record ProjectShape(
    [property: JsonPropertyName("slug")] string Slug,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt)
{
    public static ProjectShape Of(Project project) => new(project.Slug, project.Name, project.CreatedAt);
}

internal sealed record ProjectListShape([property: JsonPropertyName("items")] IReadOnlyList<ProjectShape> Items);

/// <param name="Replace">Whether those that there are end in a day.</param>
internal sealed record WebhookSecretRequest([property: JsonPropertyName("replace")] bool? Replace = null);

/// <param name="Secret">When it was just made; never again.</param>
internal sealed record WebhookSecretShape(
    [property: JsonPropertyName("id")] int Id,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("expires_at")] DateTime? ExpiresAt,
    [property: JsonPropertyName("secret")] string? Secret)
{
    public static WebhookSecretShape Of(WebhookSecret secret, bool isNew) => new(secret.Id, secret.CreatedAt, secret.ExpiresAt, isNew ? secret.Secret : null);
}

internal sealed record WebhookSecretListShape([property: JsonPropertyName("items")] IReadOnlyList<WebhookSecretShape> Items);
