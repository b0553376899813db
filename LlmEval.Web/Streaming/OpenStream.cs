namespace LlmEval.Web.Streaming;

/// <summary>Endpoint metadata: the answer stays open, and counts while it does.</summary>
public sealed record OpenStream;
