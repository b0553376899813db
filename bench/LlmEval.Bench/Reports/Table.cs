using System.Text;

namespace LlmEval.Bench.Reports;

/// <summary>A Markdown table.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, headings);
        Line(text, [.. headings.Select((_, at) => at == 0 ? "---" : "---:")]);
        foreach (string[] row in _rows)
        {
            Line(text, row);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
