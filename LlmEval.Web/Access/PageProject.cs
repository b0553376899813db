namespace LlmEval.Web.Access;

/// <summary>The project that the pages of a circuit show.</summary>
public sealed record PageProject(int Id, string Slug, string Name);
