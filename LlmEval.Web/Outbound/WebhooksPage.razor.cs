using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Outbound;

public sealed partial class WebhooksPage
{
    /// <summary>Between two readings: deliveries may be many, and counting them takes the database some work.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly OneAtATime _work = new();
    private OutageRetry _retry = null!;
    private List<WebhookCard>? _cards;
    private int _readings;
    private long? _open;
    private Editing? _editing;

    /// <summary>Whose new secret is shown.</summary>
    private Subscription? _shown;

    private string? _message;
    private bool _failed;

    [Inject]
    public required WebhookDesk Desk { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override EventFilter Followed => EventFilter.Nothing;

    protected override Func<Task> Signal => () => Desk.Changed;

    protected override void OnInitialized() => _retry = new OutageRetry(Clock, StateHasChanged);

    protected override Task OpenAsync() => _retry.RunAsync(ReadAsync, Closed);

    protected override async Task TakeAsync(LiveBatch batch)
    {
        await _retry.RunAsync(ReadAsync, Closed);
        StateHasChanged();
        await Task.Delay(Rest, Clock, Closed);
    }

    private async Task ReadAsync()
    {
        int reading = ++_readings;
        var cards = new List<WebhookCard>();
        foreach (Subscription subscription in await Desk.ListAsync(Closed))
        {
            cards.Add(new WebhookCard(
                subscription,
                await Desk.CountAsync(subscription, Closed),
                subscription.Id == _open ? await Desk.DeliveriesAsync(subscription.Id, Closed) : null));
        }

        // One that began before somebody did something does not know of it.
        if (reading == _readings)
        {
            _cards = cards;
        }
    }

    private void Edit(Subscription? subscription) => (_editing, _message, _shown) = (new Editing(subscription, []), null, null);

    private Task SaveAsync(SubscriptionDraft draft) => DoAsync(async () =>
    {
        Subscription? before = _editing!.Before;
        SubscriptionAnswer answer = before is null
            ? await Desk.MakeAsync(draft, Closed)
            : await Desk.ChangeAsync(before, draft, Closed);
        if (answer.Faults.Count > 0)
        {
            // The form may be closed meanwhile.
            _editing = _editing is null ? null : _editing with { Faults = answer.Faults };
            return null;
        }

        _editing = null;
        if (before is null)
        {
            _shown = answer.Subscription;
            return "Made. Events from now on are sent.";
        }

        return answer.Subscription is null ? Gone(before) : "Saved.";
    });

    private Task TurnAsync(Subscription subscription, bool on) => DoAsync(async () =>
    {
        SubscriptionAnswer answer = await Desk.TurnAsync(subscription.Id, on, Closed);
        if (answer is { Subscription: null, Faults.Count: 0 })
        {
            return Gone(subscription);
        }

        _failed = answer.Faults.Count > 0;
        return _failed ? string.Join(' ', answer.Faults) : on ? $"{subscription.Name} is on. Events from now on are sent." : $"{subscription.Name} is off.";
    });

    private Task TestAsync(Subscription subscription) => DoAsync(async () =>
    {
        _message = "Sending a test…";
        Delivery test = await Desk.TestAsync(subscription, Closed);
        _open = subscription.Id;
        _failed = test.State != DeliveryState.Delivered;
        return test switch
        {
            { Fault: { } fault, DurationMs: null } => $"The test was not sent: {fault}.",
            { Fault: { } fault } => $"The test did not arrive: {fault}.",
            { State: DeliveryState.Delivered } => $"The test arrived: {test.StatusCode} after {TraceFormat.Duration(test.DurationMs)}.",
            _ => $"The address answered {test.StatusCode}, which is not a success.",
        };
    });

    private Task RotateAsync(Subscription subscription) => DoAsync(async () =>
    {
        if (await Desk.RotateAsync(subscription.Id, Closed) is not { } rotated)
        {
            return Gone(subscription);
        }

        _shown = rotated;
        return "For 24 hours messages are signed with the secret before it too, and no longer with any that is older.";
    });

    private Task DeleteAsync(Subscription subscription) => DoAsync(async () =>
    {
        await Desk.DeleteAsync(subscription.Id, Closed);
        _shown = _shown?.Id == subscription.Id ? null : _shown;
        return $"{subscription.Name} is deleted.";
    });

    private Task UnfoldAsync(long id)
    {
        _open = _open == id ? null : id;
        return TryAsync(ReadAsync);
    }

    private Task RedeliverAsync(Delivery delivery) => DoAsync(async () =>
    {
        _failed = await Desk.RedeliverAsync(delivery, Closed) == RedeliverOutcome.NotActive;
        return _failed ? "The webhook is off. Turn it on, then send it again." : "It is sent again.";
    });

    private string Gone(Subscription subscription)
    {
        _failed = true;
        return $"{subscription.Name} was deleted meanwhile, so this was not done.";
    }

    /// <param name="work">Returns what to say.</param>
    private Task DoAsync(Func<Task<string?>> work) => _work.RunAsync(() =>
    {
        (_failed, _message) = (false, null);
        return TryAsync(async () =>
        {
            _message = await work();
            await ReadAsync();
        });
    });

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            (_failed, _message) = (true, "The database cannot be reached. Try again in a moment.");
        }
        catch (NotAllowedException e)
        {
            (_failed, _message) = (true, e.Message);
        }
    }

    /// <param name="Before">Null for a new one.</param>
    private sealed record Editing(Subscription? Before, IReadOnlyList<string> Faults);
}
