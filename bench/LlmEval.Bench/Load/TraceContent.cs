using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmEval.Bench.Load;

/// <summary>What a trace says, as a short hash: the same of what is sent and of what is stored, in whatever way a database writes numbers.</summary>
internal static class TraceContent
{
    public const int Length = 16;

    public static string Hash(string model, string query, string response, long promptTokens, long completionTokens, decimal cost)
    {
        string all = string.Create(
            CultureInfo.InvariantCulture, $"{model}\n{query}\n{response}\n{promptTokens}\n{completionTokens}\n{cost:0.##########}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, Length / 2));
    }
}
