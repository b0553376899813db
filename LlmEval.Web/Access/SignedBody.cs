namespace LlmEval.Web.Access;

/// <summary>Endpoint metadata: where its project has webhook secrets, a signature over the body is what lets a request in.</summary>
/// <param name="MostBytes">What a body may have on the wire.</param>
public sealed record SignedBody(int MostBytes);

/// <summary>Says at an endpoint that its bodies may be signed.</summary>
public static class SignedBodyExtensions
{
    public static TBuilder TakesSignatures<TBuilder>(this TBuilder endpoint, int mostBytes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new SignedBody(mostBytes));
}
