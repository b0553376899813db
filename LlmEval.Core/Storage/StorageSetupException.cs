namespace LlmEval.Core.Storage;

/// <summary>The database cannot be used as it is configured; the message says what to do.</summary>
public sealed class StorageSetupException(string message, Exception? inner = null) : Exception(message, inner);
