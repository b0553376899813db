namespace LlmEval.Web.Ingestion;

/// <summary>Finds where the items of a stream end. It remembers what it has looked at, so that no byte is looked at twice.</summary>
internal abstract class ItemSplitter
{
    /// <summary>How many bytes at the front of the data are already looked at.</summary>
    protected int Scanned { get; set; }

    /// <param name="data">Begins where the last item was cut off.</param>
    /// <param name="final">Nothing follows the data.</param>
    /// <param name="item">Where the item lies in the data, perhaps with whitespace around it.</param>
    /// <param name="next">What has to be cut off before the next call.</param>
    /// <exception cref="InvalidDataException">There is no telling where items are.</exception>
    public bool TryFind(ReadOnlySpan<byte> data, bool final, out Range item, out int next)
    {
        bool found = Find(data, final, out item, out next);
        Scanned = found ? 0 : data.Length;
        return found;
    }

    /// <summary>The data looked at so far is dropped: its item is too long to keep.</summary>
    public virtual void Forget() => Scanned = 0;

    protected abstract bool Find(ReadOnlySpan<byte> data, bool final, out Range item, out int next);
}
