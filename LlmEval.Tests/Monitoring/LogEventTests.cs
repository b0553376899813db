using System.Reflection;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Monitoring;

public class LogEventTests
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Whoever watches a log watches for numbers.</summary>
    [Fact]
    public void EveryKindOfLineHasItsOwnNumber()
    {
        (int Id, string Where)[] lines =
        [
            .. from type in typeof(AccessBook).Assembly.GetTypes().Concat(typeof(Caller).Assembly.GetTypes())
               from method in type.GetMethods(Any)
               let line = method.GetCustomAttribute<LoggerMessageAttribute>()
               where line is not null
               select (line.EventId, $"{type.FullName}.{method.Name}"),
        ];

        Assert.True(lines.Length > 30, $"Only {lines.Length} were found.");
        Assert.Empty(lines.GroupBy(line => line.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(l => l.Where))}"));
    }
}
