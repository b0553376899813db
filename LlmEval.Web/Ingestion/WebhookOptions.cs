using System.ComponentModel.DataAnnotations;

namespace LlmEval.Web.Ingestion;

/// <summary>Section <c>LlmEval:Webhooks</c>: how large a request may be. The limits are for what a body unpacks to.</summary>
public sealed class WebhookOptions
{
    /// <summary>Of <c>POST /webhook/trace</c>, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxTraceBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Of <c>POST /webhook/batch</c>, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxBatchBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Of all bodies and lines of imports that are being read or worked on at a time, in bytes; past it the answer is 503. Null takes eight
    /// times the larger of <see cref="MaxTraceBytes"/> and <see cref="MaxBatchBytes"/>, or what the others need, if that is more.
    /// </summary>
    public long? MaxBytesInFlight { get; set; }

    /// <summary>As it holds.</summary>
    internal long BytesInFlight => MaxBytesInFlight ?? Math.Max(8L * LargestBody, RoomForOne);

    internal bool HasRoomForOne => BytesInFlight >= RoomForOne;

    /// <summary>
    /// A body is held as it was sent and unpacked; memory grows by doubling, and the old holds until the new is filled: three times its
    /// size. One sender has half of the room, but for whoever may restore.
    /// </summary>
    private long RoomForOne => Math.Max(6L * Math.Max(LargestBody, MaxImportItemBytes), 4L * MaxRestoredItemBytes);

    private int LargestBody => Math.Max(MaxTraceBytes, MaxBatchBytes);

    /// <summary>Of one line or array element of an import, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxImportItemBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>The same for whoever may bring back evaluations: a line of an export holds all that was ever said of its trace.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxRestoredItemBytes { get; set; } = 64 * 1024 * 1024;
}
