namespace LlmEval.Core.Storage;

/// <summary>The database has not been reached since the start, or its tables are not yet up to date.</summary>
public sealed class StorageNotReadyException() : Exception("The database is not ready yet.");
