using System.Globalization;
using System.Text.Json;
using LlmEval.Core.Limits;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

/// <summary>
/// Counts what callers do and tells them how they stand, in the fields of the IETF's draft-ietf-httpapi-ratelimit-headers-11.
/// </summary>
internal sealed class CallerLimits(RateLimits rates, IOptions<LimitOptions> options, TimeProvider time)
{
    private const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RatePolicy? _traces = PolicyOf("traces", options.Value.TracesPerMinute);
    private readonly RatePolicy? _requests = PolicyOf("requests", options.Value.RequestsPerMinute);

    /// <returns>The answer to give instead, when it is too many.</returns>
    public ValueTask<Problem?> TakeTracesAsync(HttpContext context, int count) =>
        TakeAsync(context, _traces, CallerPartition.Of(context, Caller.Of(context)), Math.Max(1, count));

    /// <param name="caller">Null for one that was not let in, who counts by their address.</param>
    /// <inheritdoc cref="TakeTracesAsync"/>
    public ValueTask<Problem?> TakeRequestAsync(HttpContext context, Caller? caller) =>
        TakeAsync(context, _requests, CallerPartition.Of(context, caller), 1);

    /// <summary>Waits until so many traces may be taken: a stream of them is slowed down, not broken off.</summary>
    public async ValueTask PaceAsync(HttpContext context, int traces)
    {
        if (_traces is null || CallerPartition.Of(context, Caller.Of(context)) is not { } partition)
        {
            return;
        }

        while (await rates.TakeAsync(_traces, partition, traces) is { IsAllowed: false } refused)
        {
            await Task.Delay(refused.Reset + TimeSpan.FromMilliseconds(1), time, context.RequestAborted);
        }
    }

    /// <summary>The answer to one who has gone over a limit.</summary>
    public static Problem TooMany(string policy, string detail, int retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "Too many", detail)
        {
            Type = QuotaExceeded,
            Errors = [detail],
            RetryAfter = retryAfter,
            Extensions = json => WriteViolated(json, policy),
        };

    private async ValueTask<Problem?> TakeAsync(HttpContext context, RatePolicy? policy, string? partition, int count)
    {
        if (policy is null || partition is null)
        {
            return null;
        }

        RateDecision decision = await rates.TakeAsync(policy, partition, count);
        int seconds = Math.Max(1, (int)Math.Ceiling(decision.Reset.TotalSeconds));
        IHeaderDictionary headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";q={policy.Quota};w={policy.Window.TotalSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={decision.Remaining};t={seconds}");
        return decision.IsAllowed
            ? null
            : TooMany(
                policy.Name, $"No more than {policy.Quota} {policy.Name} a minute are taken from one caller. Wait {seconds} seconds and send it again.", seconds);
    }

    private static RatePolicy? PolicyOf(string name, int perMinute) => perMinute > 0 ? new RatePolicy(name, perMinute, Minute) : null;

    private static void WriteViolated(Utf8JsonWriter json, string policy)
    {
        json.WriteStartArray("violated-policies"u8);
        json.WriteStringValue(policy);
        json.WriteEndArray();
    }
}
