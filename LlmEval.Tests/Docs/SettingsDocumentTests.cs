using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>docs/settings.md has every setting that the code reads, with the default that holds there, and no other.</summary>
public partial class SettingsDocumentTests
{
    private static readonly Type[] Options =
    [
        .. new[] { typeof(LlmEvalDb).Assembly, typeof(Program).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type is { IsPublic: true, IsAbstract: false })
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    // Bound by hand, or under names of their own.
    private static readonly Dictionary<string, string> Named = new()
    {
        ["SingleSignOnOptions"] = "LlmEval__OpenIdConnect__",
        ["StorageOptions.DatabaseUrl"] = "DATABASE_URL",
        ["StorageOptions.DatabasePassword"] = "DATABASE_PASSWORD",
        ["RedisOptions.Url"] = "REDIS_URL",
        ["RedisOptions.Password"] = "REDIS_PASSWORD",
        ["SignatureOptions.Secrets"] = "WEBHOOK_SECRET",
    };

    // Of the process, not of the product.
    private static readonly string[] Varying = ["LlmEval__Monitoring__Replica"];

    [Fact]
    public void EverySettingStandsThereWithItsDefaultAndNoOtherDoes()
    {
        Dictionary<string, string> sections = Sections();
        Dictionary<string, string> documented = Row().Matches(Document.Read("docs/settings.md").Text)
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["default"].Value);
        Dictionary<string, string?> expected = Options.SelectMany(type => Settings(type, sections)).ToDictionary();

        Assert.True(Options.Length >= 16, $"Only {Options.Length} classes were seen.");
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.Where(setting => !Varying.Contains(setting.Key)), setting =>
        {
            string said = documented[setting.Key];
            Assert.True(
                setting.Value is null ? said.StartsWith("none", StringComparison.Ordinal) : said == $"`{setting.Value}`",
                $"{setting.Key} is {setting.Value ?? "not set"} by default, not {said}.");
        });
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(Type type, Dictionary<string, string> sections)
    {
        object defaults = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.SetMethod is { IsPublic: true }))
        {
            string name = Named.GetValueOrDefault($"{type.Name}.{property.Name}") ?? sections.GetValueOrDefault(type.Name) + property.Name;
            Assert.True(name != property.Name, $"The section of {type.Name} was not found.");
            yield return KeyValuePair.Create(
                property.PropertyType.IsArray ? $"{name}__0" : name,
                property.GetValue(defaults) switch
                {
                    null or ICollection { Count: 0 } => null,
                    bool value => value ? "true" : "false",
                    var value => Convert.ToString(value, CultureInfo.InvariantCulture),
                });
        }
    }

    /// <summary>As the sources register them: which section a class is bound to is written nowhere else.</summary>
    private static Dictionary<string, string> Sections() => Repository.Files("LlmEval.Core", "*.cs").Concat(Repository.Files("LlmEval.Web", "*.cs"))
        .SelectMany(file => Registration().Matches(File.ReadAllText(file)))
        .Select(match => (Type: match.Groups["type"].Value, Section: match.Groups["section"].Value.Replace(":", "__", StringComparison.Ordinal) + "__"))
        .Concat(Named.Where(entry => !entry.Key.Contains('.', StringComparison.Ordinal)).Select(entry => (Type: entry.Key, Section: entry.Value)))
        .ToDictionary(entry => entry.Type, entry => entry.Section);

    [GeneratedRegex("""AddSettings<(?<type>\w+)>\(configuration, "(?<section>[^"]+)"\)""")]
    private static partial Regex Registration();

    [GeneratedRegex(@"^\| `(?<name>[A-Za-z_0-9]+)` \|.*\| (?<default>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
