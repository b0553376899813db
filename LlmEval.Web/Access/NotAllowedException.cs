namespace LlmEval.Web.Access;

/// <summary>Somebody did on a page what they may not, or may not any more. The message tells them.</summary>
public sealed class NotAllowedException(string message) : Exception(message);
