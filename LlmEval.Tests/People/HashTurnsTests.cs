using LlmEval.Web.People;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.People;

public sealed class HashTurnsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly HashTurns _turns;

    public HashTurnsTests() => _turns = new HashTurns(2, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GuessersDoNotKeepOutWhoIsKnown()
    {
        Assert.NotNull(await _turns.TakeAsync(isKnown: false, Cancel));
        Assert.NotNull(await _turns.TakeAsync(isKnown: false, Cancel));
        Task<IDisposable?>[] guesses = [.. Enumerable.Range(0, 10).Select(_ => _turns.TakeAsync(isKnown: false, Cancel))];

        Task<IDisposable?> known = _turns.TakeAsync(isKnown: true, Cancel);

        Assert.True(known.IsCompleted);
        Assert.NotNull(await known);
        Assert.DoesNotContain(guesses, guess => guess.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.All(await Task.WhenAll(guesses), Assert.Null);
    }

    [Fact]
    public async Task ATurnThatIsGivenBackIsTheNextOnes()
    {
        Task<IDisposable?>[] taken = [.. Enumerable.Range(0, 3).Select(_ => _turns.TakeAsync(isKnown: true, Cancel))];
        Assert.All(taken, turn => Assert.True(turn.IsCompletedSuccessfully));
        Task<IDisposable?> guess = _turns.TakeAsync(isKnown: false, Cancel);
        Task<IDisposable?> known = _turns.TakeAsync(isKnown: true, Cancel);

        (await taken[0])!.Dispose();
        (await taken[2])!.Dispose();

        Assert.NotNull(await guess);
        Assert.NotNull(await known);
    }

    public void Dispose() => _turns.Dispose();
}
