using System.Text;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>JSON that is stored as it was sent, byte for byte, except for escapes that a database refuses.</summary>
internal static class KeptJson
{
    public static string ToText(ReadOnlySpan<byte> json)
    {
        int broken = JsonText.IndexOfBrokenEscape(json, 0);
        if (broken < 0)
        {
            return Encoding.UTF8.GetString(json);
        }

        byte[] mended = json.ToArray();
        while (broken >= 0)
        {
            "\\ufffd"u8.CopyTo(mended.AsSpan(broken));
            broken = JsonText.IndexOfBrokenEscape(mended, broken);
        }

        return Encoding.UTF8.GetString(mended);
    }
}
