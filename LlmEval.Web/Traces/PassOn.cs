using System.IO.Pipelines;

namespace LlmEval.Web.Traces;

/// <summary>Sends a long answer while it is written: left alone, the server would hold all of it until the end.</summary>
internal static class PassOn
{
    private const int Bytes = 64 * 1_024;

    /// <summary>Once enough is written, sends it, and waits for a caller that reads slowly.</summary>
    public static async ValueTask PassOnAsync(this PipeWriter output, CancellationToken cancel)
    {
        if (output.UnflushedBytes >= Bytes)
        {
            await output.FlushAsync(cancel);
        }
    }
}
