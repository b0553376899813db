using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>What a caller has to be allowed for a page or an endpoint. What carries no such mark is closed to everybody.</summary>
/// <param name="rights">Any of them will not do, all of them it must be; <see cref="Rights.None"/> lets everybody in.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAttribute(Rights rights) : Attribute
{
    public Rights Rights { get; } = rights;
}

/// <summary>Says at an endpoint who may call it.</summary>
public static class NeedsExtensions
{
    /// <summary>Opens an endpoint to callers with these rights in the project at hand; <see cref="Rights.None"/> opens it to everybody.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Rights rights)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new NeedsAttribute(rights));
}
