using LlmEval.Core.Access;
using LlmEval.Web.Access;

namespace LlmEval.Tests.Support;

/// <summary>Who looks at a page that a test renders by itself.</summary>
internal static class SomeViewer
{
    /// <summary>Somebody on this machine while nobody has to sign in.</summary>
    public static FindViewer Open { get; } = () => Task.FromResult<Caller?>(new Caller(CallerKind.Open, "this machine", Projects.Default, Rights.All));
}
