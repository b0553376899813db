using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Outbound;

/// <summary>Sends a message that tells of nothing, at once and only once, so that whoever sets an address up sees what it answers.</summary>
public sealed class SendTest(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, WebhookSender sender, TimeProvider time)
{
    public async Task<Delivery> RunAsync(Subscription to, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        Delivery test = Delivery.New(to, EventNames.Test, traceId: "", MessageBody.Test(now), now);
        AttemptResult result = await sender.SendAsync(to, test, cancel);
        test.State = result.IsDelivered ? DeliveryState.Delivered : DeliveryState.GivenUp;
        test.Attempts = 1;
        test.NextAttemptAt = null;
        test.AttemptedAt = now;
        test.StatusCode = result.StatusCode;
        test.DurationMs = result.DurationMs;
        test.Answer = result.Answer;
        test.Fault = result.Fault;
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        db.Add(test);
        await db.SaveChangesAsync(cancel);
        return test;
    }
}
