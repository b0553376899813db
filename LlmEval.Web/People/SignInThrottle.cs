using System.Collections.Concurrent;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.People;

/// <summary>
/// Slows down whoever guesses passwords: after some failures in a row one attempt in a while is looked at, none of the others. No
/// account is ever locked. It counts in this process: with several replicas a guesser has as many times the attempts.
/// </summary>
public sealed class SignInThrottle(TimeProvider time)
{
    private static readonly Pace OfAccount = new(10, TimeSpan.FromSeconds(20));
    private static readonly Pace OfAddress = new(30, TimeSpan.FromSeconds(4));

    /// <summary>Past this many, those that are over are forgotten.</summary>
    private const int Tidied = 20_000;

    // Until when the failures count: each adds to it.
    private readonly ConcurrentDictionary<string, DateTime> _until = new(StringComparer.Ordinal);
    private long _sweptAt;

    /// <summary>How many accounts and addresses it remembers something of.</summary>
    internal int Remembered => _until.Count;

    /// <summary>Counts an attempt, unless there were too many.</summary>
    /// <param name="known">The address from which the person is signed in, or the browser by which they were: a guesser elsewhere does not keep them out. Else null.</param>
    /// <returns>How long to wait; zero when the attempt counts.</returns>
    public TimeSpan Take(string email, string address, string? known)
    {
        DateTime now = time.UtcNow();
        (string account, string place) = Keys(email, address, known);
        TimeSpan wait = Max(Wait(account, OfAccount, now), Wait(place, OfAddress, now));
        if (wait == TimeSpan.Zero)
        {
            Add(account, OfAccount, now);
            Add(place, OfAddress, now);
        }

        return wait;
    }

    /// <returns>True once a minute for an account and for an address, whatever accounts it names: to be written down.</returns>
    public bool IsNews(string email, string address)
    {
        DateTime now = time.UtcNow();
        string[] told = [$"said {email}", $"said from {address}"];
        bool isNews = !told.Any(key => _until.TryGetValue(key, out DateTime until) && until > now);
        if (isNews)
        {
            foreach (string key in told)
            {
                _until[key] = now.AddMinutes(1);
            }
        }

        return isNews;
    }

    /// <summary>It was the person: what they mistyped is forgotten.</summary>
    public void Forgive(string email, string address, string? known)
    {
        (string account, string place) = Keys(email, address, known);
        _until.TryRemove(account, out _);
        _until.AddOrUpdate(place, time.UtcNow(), (_, until) => until - OfAddress.Every);
    }

    private static (string Account, string Place) Keys(string email, string address, string? known) =>
        ($"{email} {known}", $" {address}");

    private TimeSpan Wait(string key, Pace pace, DateTime now) =>
        _until.TryGetValue(key, out DateTime until) && until - now > pace.Every * (pace.Burst - 1) ? until - now - (pace.Every * (pace.Burst - 1)) : TimeSpan.Zero;

    private void Add(string key, Pace pace, DateTime now)
    {
        if (_until.Count > Tidied)
        {
            Sweep(now);
        }

        _until.AddOrUpdate(key, now + pace.Every, (_, until) => (until > now ? until : now) + pace.Every);
    }

    private void Sweep(DateTime now)
    {
        // Looking through all of them for every attempt would be a way to be slowed down.
        long swept = Volatile.Read(ref _sweptAt);
        if (now.Ticks - swept < TimeSpan.TicksPerSecond || Interlocked.CompareExchange(ref _sweptAt, now.Ticks, swept) != swept)
        {
            return;
        }

        foreach (KeyValuePair<string, DateTime> entry in _until)
        {
            if (entry.Value <= now)
            {
                _until.TryRemove(entry);
            }
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <param name="Burst">How many at once.</param>
    /// <param name="Every">Then one in this time.</param>
    private sealed record Pace(int Burst, TimeSpan Every);
}
