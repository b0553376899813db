using LlmEval.Core.Outbound;
using LlmEval.Web.Outbound;

namespace LlmEval.Tests.Outbound;

public class WebhookWordsTests
{
    [Theory]
    [InlineData(204, 12, null, "204")]
    [InlineData(null, null, null, "")]
    [InlineData(null, 30_000, "no answer within 30 s", "no answer")]
    [InlineData(null, null, "10.0.0.5 leads to a private network", "not allowed")]
    public void WhatCameOfADelivery(int? status, int? duration, string? fault, string words)
    {
        var delivery = new Delivery
        {
            MessageId = "msg_1",
            EventName = EventNames.Test,
            TraceId = "",
            Payload = "{}",
            StatusCode = status,
            DurationMs = duration,
            Fault = fault,
        };

        Assert.Equal(words, WebhookWords.Answer(delivery));
    }
}
