namespace LlmEval.Web.Review;

/// <summary>
/// What the browser shows of what was rendered for it. A render is on its way for a moment, and a key that is pressed meanwhile is
/// about what was shown before.
/// </summary>
/// <typeparam name="T">What a component renders.</typeparam>
public sealed class OnScreen<T>
    where T : class
{
    private readonly Queue<T> _onTheWay = new();

    /// <summary>Null until the browser has shown the first one.</summary>
    public T? Now { get; private set; }

    /// <summary>To be called once in each render.</summary>
    public void Render(T value) => _onTheWay.Enqueue(value);

    /// <summary>To be called after each render, when the browser has it: they come in the order of the renders.</summary>
    public void Acknowledge()
    {
        if (_onTheWay.TryDequeue(out T? shown))
        {
            Now = shown;
        }
    }
}
