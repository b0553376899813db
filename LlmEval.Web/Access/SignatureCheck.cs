using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Writing;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Access;

/// <summary>
/// Lets the webhooks of a project that has secrets in by their signature alone, over the bytes on the wire. A key that comes along
/// has to be good too and does not replace it; a session counts for nothing.
/// </summary>
internal sealed class SignatureCheck(AccessDirectory directory, BodyShares shares, IOptions<SignatureOptions> options, TimeProvider time)
{
    public const string Challenge = "Webhook-Signature realm=\"LlmEval\"";

    public const string HowToSign =
        "Sign the bytes of the body with the project's webhook secret, as Standard Webhooks say (webhook-id, webhook-timestamp, webhook-signature; "
        + "the clock may be off by five minutes) or as X-Signature-256: sha256=…; a key that is sent along has to be valid too.";

    private const string Id = "webhook-id";
    private const string Timestamp = "webhook-timestamp";
    private const string Signatures = "webhook-signature";

    private static readonly string[] Standard = [Id, Timestamp, Signatures];
    private static readonly string[] Plain = ["X-Signature-256", "X-Hub-Signature-256"];

    /// <summary>A body is held whole until its signature can be checked: one that trickles holds memory for nothing.</summary>
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 32 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private readonly IReadOnlyList<byte[]> _common = options.Value.Keys;

    public bool IsAskedFor(int projectId) => _common.Count > 0 || directory.Book.HasSecrets(projectId, time.UtcNow());

    /// <param name="caller">As found by their key or session; null when they have neither.</param>
    /// <returns>Who may send, or the answer to give instead: one and the same for everything that can be wrong with a signature.</returns>
    public async ValueTask<(Caller? Caller, Problem? Problem)> RunAsync(HttpContext context, SignedBody body, Caller? caller, int projectId)
    {
        if (caller is null && CallerFinder.AsksByKey(context.Request) || Read(context.Request.Headers) is not { } claim)
        {
            return (null, Unsigned());
        }

        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = Slowest;
        }

        IBodyRoom room = shares.OfUnproven(NetworkGroup.Of(context.Connection.RemoteIpAddress));
        (PooledBytes? bytes, Problem? problem) = await RequestBody.ReadSentAsync(context, body.MostBytes, room);
        if (bytes is null)
        {
            return (null, problem);
        }

        // Whoever is refused after this, by their key or the kind of their body, leaves it in nobody's hands.
        context.Response.RegisterForDispose(bytes);
        AccessBook book = directory.Book;
        if (!claim.IsOf(bytes.Span, KeysOf(book, projectId)))
        {
            // It may be signed with a secret that was made a moment ago on another replica.
            await directory.CatchUpAsync(context.RequestAborted);
            if (directory.Book == book || !claim.IsOf(bytes.Span, KeysOf(directory.Book, projectId)))
            {
                bytes.Dispose();
                return (null, Unsigned());
            }
        }

        SignedMessage? message = claim.MessageId is { } id ? SignedMessage.Of(projectId, id, bytes.Span) : null;
        context.Features.Set(bytes);
        return (caller is { Kind: CallerKind.Key }
            ? caller with { Message = message }
            : new Caller(CallerKind.Signed, "a signed webhook", projectId, Rights.Ingest) { Message = message }, null);
    }

    private IReadOnlyList<byte[]> KeysOf(AccessBook book, int projectId)
    {
        if (book.FindProject(projectId) is null)
        {
            return [];
        }

        byte[][] own = [.. book.SecretsOf(projectId, time.UtcNow()).Select(s => WebhookKey.Read(s.Secret)).OfType<byte[]>()];
        return own.Length > 0 ? own : _common;
    }

    /// <summary>One header of Standard Webhooks makes that the scheme: what is wrong with it is not saved by a plain signature.</summary>
    private WebhookSignature? Read(IHeaderDictionary headers)
    {
        if (Standard.Any(headers.ContainsKey))
        {
            return Standard.All(name => headers[name].Count == 1)
                ? WebhookSignature.ReadStandard(headers[Id], headers[Timestamp], headers[Signatures], time.UtcNow())
                : null;
        }

        StringValues plain = StringValues.Concat(headers[Plain[0]], headers[Plain[1]]);
        return plain is [{ } only] ? WebhookSignature.ReadPlain(only) : null;
    }

    private static Problem Unsigned() => new(
        StatusCodes.Status401Unauthorized, "Not signed", "This project takes webhooks only with a valid signature.")
    {
        Errors = [HowToSign],
    };
}
