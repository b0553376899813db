using System.Globalization;

namespace LlmEval.Bench;

/// <summary>The words after a sub-command: <c>--name value</c>, <c>--flag</c>, and plain words.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string?> _named = [];
    private readonly HashSet<string> _asked = [];

    public Arguments(IReadOnlyList<string> words)
    {
        var plain = new List<string>();
        for (int i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
            {
                plain.Add(words[i]);
                continue;
            }

            bool hasValue = i + 1 < words.Count && !words[i + 1].StartsWith("--", StringComparison.Ordinal);
            _named[words[i][2..]] = hasValue ? words[++i] : null;
        }

        Plain = plain;
    }

    public IReadOnlyList<string> Plain { get; }

    public bool Has(string flag)
    {
        _asked.Add(flag);
        return _named.ContainsKey(flag);
    }

    public string? Text(string name)
    {
        _asked.Add(name);
        return _named.GetValueOrDefault(name);
    }

    public int Number(string name, int otherwise)
    {
        string? text = Text(name);
        return text is null ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new BenchFailure($"--{name} wants a whole number, not '{text}'");
    }

    public TimeSpan Seconds(string name, int otherwise) => TimeSpan.FromSeconds(Number(name, otherwise));

    /// <summary>Call it when all options were read: one that nobody asked for is a mistake of the caller.</summary>
    public void RefuseUnknown()
    {
        string[] unknown = [.. _named.Keys.Except(_asked)];
        if (unknown.Length > 0)
        {
            string known = string.Join(", --", _asked.Order(StringComparer.Ordinal));
            throw new BenchFailure($"unknown option: --{string.Join(", --", unknown)}; known here: --{known}");
        }
    }
}
