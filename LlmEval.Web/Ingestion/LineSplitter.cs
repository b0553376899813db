namespace LlmEval.Web.Ingestion;

/// <summary>JSON Lines: an item a line, the last one with or without its line feed.</summary>
internal sealed class LineSplitter : ItemSplitter
{
    protected override bool Find(ReadOnlySpan<byte> data, bool final, out Range item, out int next)
    {
        int end = data[Scanned..].IndexOf((byte)'\n');
        if (end >= 0)
        {
            item = ..(Scanned + end);
            next = Scanned + end + 1;
            return true;
        }

        item = ..data.Length;
        next = data.Length;
        return final && data.Length > 0;
    }
}
