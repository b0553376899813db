using System.Globalization;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Queries;

/// <summary>Reads the values of a query by one set of rules and collects everything that is wrong with them.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private const int MaxText = 256;
    private const int MaxValues = 64;

    private readonly List<string> _faults = [];

    /// <summary>One sentence each, naming its parameter.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public void Fault(string name, string rule) => _faults.Add($"{Cut(name)}: {rule}");

    /// <summary>A misspelt parameter that is passed over would answer with something else than was asked for.</summary>
    public void FaultUnknown(params IEnumerable<QueryParameter> known) => FaultUnknown(query.Keys, [.. known.Select(p => p.Name)]);

    /// <inheritdoc cref="FaultUnknown(IEnumerable{QueryParameter})"/>
    /// <param name="patterns">What is known besides, in words.</param>
    public void FaultUnknown(IEnumerable<string> given, IReadOnlyList<string> known, string? patterns = null)
    {
        foreach (string name in given.Except(known))
        {
            Fault(name, known.Count == 0 ? "is not a parameter; there are none" : $"is not a parameter; known are {string.Join(", ", known)}{patterns}");
        }
    }

    /// <summary>A parameter that may be given once. One that is empty counts as not given.</summary>
    public string? Text(string name, int most = MaxText) =>
        Texts(name, most, mostValues: 1, $"may be given once, with up to {most} characters").FirstOrDefault();

    public string[] Texts(string name) =>
        Texts(name, MaxText, MaxValues, $"may be given up to {MaxValues} times with up to {MaxText} characters each");

    private string[] Texts(string name, int most, int mostValues, string rule)
    {
        StringValues given = query[name];
        string[] values = [.. given.Where(v => !string.IsNullOrEmpty(v)).Select(v => v!)];
        if (values.Length > mostValues || values.Any(v => v.Length > most && v.EnumerateRunes().Count() > most))
        {
            Fault(name, rule);
        }

        // Stored text has U+FFFD in the place of U+0000, which PostgreSQL does not take even in a question.
        return values.Any(v => v.Contains('\0')) ? [.. values.Select(v => v.Replace('\0', '\uFFFD'))] : values;
    }

    /// <param name="parse">Null for what breaks the rule.</param>
    /// <param name="rule">As in "must be true or false".</param>
    public T? Value<T>(string name, Func<string, T?> parse, string rule)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        T? value = parse(text);
        if (value is null)
        {
            Fault(name, rule);
        }

        return value;
    }

    public int WholeNumber(string name, int byDefault, int least, int most) => Value<int>(
        name,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number : null,
        $"must be a whole number from {least} to {most}") ?? byDefault;

    /// <returns>UTC; null for what is no time by ISO 8601, or in the first or last year that there is.</returns>
    public static DateTime? ParseTime(string text) =>
        BeginsWithADate(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && at.Year is > 1 and < 9999
            ? at.UtcDateTime
            : null;

    public EvaluationStatus[] Statuses(string name)
    {
        var statuses = new List<EvaluationStatus>();
        foreach (string value in Texts(name))
        {
            if (EvaluationStatuses.TryParse(value, out EvaluationStatus status))
            {
                statuses.Add(status);
            }
            else
            {
                Fault(name, $"must be one of {string.Join(", ", EvaluationStatuses.All)}");
            }
        }

        return [.. statuses];
    }

    // By itself the framework takes 1.5 for the fifth of January, 12:00 for today, and 03/04/2025 for March.
    private static bool BeginsWithADate(string text) => text is [_, _, _, _, '-', _, _, '-', ..];

    private static string Cut(string name) => name.Length <= 100 ? name : name[..100] + "…";
}
