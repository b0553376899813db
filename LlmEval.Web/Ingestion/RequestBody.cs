using System.Buffers.Binary;
using System.IO.Pipelines;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

/// <summary>Reads a whole body of limited size into rented memory.</summary>
internal static class RequestBody
{
    private const int FirstRent = 16 * 1024;
    private const int MiB = 1024 * 1024;

    /// <summary>
    /// The web server's least rate is that of the whole body: whoever has sent much may fall silent for hours, and what they have sent
    /// takes memory all the while.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly string[] Json = [BodyFormat.Json];

    /// <summary>Reads and unpacks a JSON body.</summary>
    /// <param name="limit">Bytes that it may unpack to.</param>
    /// <param name="budget">What its memory counts in; null for an endpoint whose bodies are small.</param>
    /// <param name="accepted">The media types that the endpoint knows; null takes JSON only.</param>
    /// <returns>The bytes, which the caller disposes, or the answer to give instead.</returns>
    public static async ValueTask<(PooledBytes? Bytes, Problem? Problem)> ReadAsync(
        HttpContext context, int limit, IBodyRoom? budget = null, string[]? accepted = null)
    {
        if (BodyFormat.Check(context.Request, accepted ?? Json, out _, out bool gzip) is { } unsupported)
        {
            return (null, unsupported);
        }

        (PooledBytes? sent, Problem? problem) = await ReadSentAsync(context, limit, budget);
        if (sent is null || !gzip)
        {
            return (sent, problem);
        }

        using (sent)
        {
            return Unpack(sent, limit, budget);
        }
    }

    /// <summary>For the server's own complaints about a body.</summary>
    public static Problem Unreadable(BadHttpRequestException fault) =>
        fault.StatusCode == StatusCodes.Status408RequestTimeout
            ? TooSlow("The body came too slowly.")
            : Problem.BadRequest($"The body could not be read: {fault.Message}") with { Status = fault.StatusCode };

    private static Problem TooLarge(int limit)
    {
        string detail = limit % MiB == 0
            ? $"The body is larger than {limit} bytes ({limit / MiB} MiB)."
            : $"The body is larger than {limit} bytes.";
        return new Problem(StatusCodes.Status413PayloadTooLarge, "Too large", detail) { Errors = [detail] };
    }

    /// <summary>The bytes on the wire, which the caller disposes; those that the gate has read to check their signature, if it did.</summary>
    public static async ValueTask<(PooledBytes? Bytes, Problem? Problem)> ReadSentAsync(HttpContext context, int limit, IBodyRoom? budget)
    {
        if (context.Features.Get<PooledBytes>() is { } checkedBytes)
        {
            context.Features.Set<PooledBytes>(null);
            return (checkedBytes, null);
        }

        if (context.Request.ContentLength > limit)
        {
            return (null, TooLarge(limit));
        }

        // A length is only a claim until the bytes are there.
        PooledBytes? bytes = null;
        CancellationTokenSource? late = null;
        try
        {
            bytes = new PooledBytes((int)Math.Min(context.Request.ContentLength ?? FirstRent, FirstRent), budget);
            PipeReader reader = context.Request.BodyReader;
            while (true)
            {
                // Most bodies come in one piece, and need no clock.
                ReadResult read = await reader.ReadAsync(late?.Token ?? context.RequestAborted);
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    if (segment.Length > limit - bytes.Length)
                    {
                        reader.AdvanceTo(read.Buffer.End);
                        bytes.Dispose();
                        return (null, TooLarge(limit));
                    }

                    try
                    {
                        bytes.Append(segment.Span);
                    }
                    catch (BodyBudgetException)
                    {
                        // With a read left open, the connection would break off after the answer.
                        reader.AdvanceTo(read.Buffer.End);
                        throw;
                    }
                }

                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return (bytes, null);
                }

                late ??= StartClock(context);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            bytes?.Dispose();
            return (null, TooSlow($"The body did not arrive within {Longest.TotalMinutes:0} minutes."));
        }
        catch (BodyBudgetException)
        {
            bytes?.Dispose();
            return (null, NoRoom());
        }
        catch (BadHttpRequestException fault)
        {
            bytes?.Dispose();
            return (null, Unreadable(fault));
        }
        catch
        {
            bytes?.Dispose();
            throw;
        }
        finally
        {
            late?.Dispose();
        }
    }

    // A connection that breaks off ends a read by itself.
    private static CancellationTokenSource StartClock(HttpContext context) => new(Longest, context.RequestServices.GetRequiredService<TimeProvider>());

    private static Problem TooSlow(string what)
    {
        string detail = $"{what} Send smaller batches, or packed with gzip.";
        return new Problem(StatusCodes.Status408RequestTimeout, "Too slow", detail) { Errors = [detail] };
    }

    /// <summary>
    /// The last four bytes claim a length: memory is taken for that and no more. A claim past the limit may be the truth or that of
    /// a body cut short; finding out takes no memory at all.
    /// </summary>
    private static (PooledBytes? Bytes, Problem? Problem) Unpack(PooledBytes sent, int limit, IBodyRoom? budget)
    {
        long claimed = sent.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(sent.Span[^sizeof(uint)..]);
        bool isKept = claimed <= limit;
        PooledBytes? bytes = null;
        long length = 0;
        Problem? problem = null;
        try
        {
            bytes = new PooledBytes(isKept ? (int)claimed + 1 : FirstRent, budget);
            using var unpacked = new CheckedGzipStream(sent.OpenRead());
            int read;
            do
            {
                read = unpacked.Read(bytes.Room().Span);
                length += read;
                bytes.Advance(isKept ? read : 0);
                problem = length > limit ? TooLarge(limit) : length > claimed ? Damaged("it is longer than its end says; one member is taken, not several put together") : null;
            }
            while (read > 0 && problem is null);
        }
        catch (BodyBudgetException)
        {
            problem = NoRoom();
        }
        catch (InvalidDataException fault)
        {
            problem = Damaged(fault.Message);
        }

        if (problem is not null)
        {
            bytes?.Dispose();
            return (null, problem);
        }

        return (bytes, null);
    }

    public static Problem NoRoom() =>
        Problem.Unavailable("The server works on as many bytes as it has room for; the same request again is safe.") with { IsOverload = true };

    private static Problem Damaged(string fault) => Problem.BadRequest($"The body is not valid gzip: {fault}.");
}
