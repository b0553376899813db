using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

/// <summary>A row as all see it who look at its list in one way.</summary>
/// <param name="Label">Of the box to tick it.</param>
/// <param name="Talk">The cells of <see cref="TalkCells"/>. A part of their own: whoever has the focus on the link keeps it when a verdict comes.</param>
/// <param name="Facts">The cells of <see cref="FactCells"/>.</param>
public sealed record SharedRow(RowLook Look, string Label, RenderFragment Talk, RenderFragment Facts);
