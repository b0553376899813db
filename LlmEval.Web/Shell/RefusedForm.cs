namespace LlmEval.Web.Shell;

/// <summary>How a page is told that its form was refused before it saw it.</summary>
internal static class RefusedForm
{
    public const string Parameter = "refused";
    public const string Value = "form";
    public const string Words = "The form did not come as this server gave it out. Fill it in once more; if that does not help, let your browser keep cookies of this server.";
}
