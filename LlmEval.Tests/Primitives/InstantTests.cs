using LlmEval.Core.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Primitives;

public class InstantTests
{
    [Fact]
    public void NowIsUtcAndHasNothingBelowAMicrosecond()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2025, 1, 27, 12, 0, 0, TimeSpan.FromHours(2)).AddTicks(1_234_567));

        Assert.Equal(new DateTime(2025, 1, 27, 10, 0, 0, DateTimeKind.Utc).AddTicks(1_234_560), time.UtcNow());
    }

    [Fact]
    public void EveryMicrosecondUpToTheEndOfTimeSurvivesTheNumber()
    {
        DateTime last = Instant.FromUnixMicroseconds(Instant.MaxUnixMicroseconds);

        Assert.Equal(Instant.CutToMicrosecond(DateTime.MaxValue), last);
        Assert.Equal(Instant.MaxUnixMicroseconds, last.ToUnixMicroseconds());
    }
}
