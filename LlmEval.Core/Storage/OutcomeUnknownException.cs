namespace LlmEval.Core.Storage;

/// <summary>The database went away while a change was on its way: it may be stored or not, and sending it again may store it twice.</summary>
public sealed class OutcomeUnknownException(Exception inner) : Exception("The database went away while a change was being stored.", inner);
