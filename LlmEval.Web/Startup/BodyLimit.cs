using LlmEval.Web.Ingestion;
using LlmEval.Web.Problems;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Startup;

/// <summary>Endpoint metadata: what a body may have on the wire, where it is not what the webhooks take.</summary>
/// <param name="MostBytes">Null for no limit.</param>
internal sealed record BodySize(long? MostBytes);

/// <summary>
/// Sets what a body may have before anything reads it: what the web framework reads by itself, such as the forms of pages that nobody
/// has to sign in for, is read whole.
/// </summary>
internal sealed class BodyLimit(RequestDelegate next)
{
    /// <summary>Of forms on pages, and of what comes back from a provider of identities.</summary>
    public const int Page = 64 * 1024;

    /// <summary>Endpoints have limits of their own and say which one was met: the server's is just beyond the largest of them.</summary>
    private const int Slack = 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        Endpoint? endpoint = context.GetEndpoint();
        BodySize? own = endpoint?.Metadata.GetMetadata<BodySize>();
        bool isPage = endpoint is null || endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
        if (own is null && !isPage)
        {
            return next(context);
        }

        long? most = own is null ? Page : own.MostBytes;
        if (context.Request.ContentLength > most)
        {
            return TooLarge(context, most.Value);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }

        return next(context);
    }

    public static void ConfigureDefaults(IServiceCollection services)
    {
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<WebhookOptions>>((kestrel, own) =>
            kestrel.Limits.MaxRequestBodySize = (long)Math.Max(own.Value.MaxTraceBytes, own.Value.MaxBatchBytes) + Slack);
        services.Configure<FormOptions>(form => (form.BufferBodyLengthLimit, form.MultipartBodyLengthLimit, form.ValueLengthLimit, form.ValueCountLimit) = (Page, Page, Page, 64));
    }

    private static Task TooLarge(HttpContext context, long most)
    {
        string detail = $"The body is larger than {most} bytes.";
        return new Problem(StatusCodes.Status413PayloadTooLarge, "Too large", detail) { Errors = [detail] }.WriteAsync(context);
    }
}

internal static class BodySizeExtensions
{
    /// <param name="most">Null for no limit.</param>
    public static TBuilder TakesBodiesOf<TBuilder>(this TBuilder endpoint, long? most)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new BodySize(most));
}
