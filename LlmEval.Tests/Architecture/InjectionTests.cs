using System.Reflection;
using System.Runtime.CompilerServices;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Architecture;

/// <summary>A context lives for one operation: it comes from its factory, and nobody holds one.</summary>
public class InjectionTests
{
    private static readonly Assembly[] Product = [typeof(LlmEvalDb).Assembly, typeof(Program).Assembly];

    // Made with a context inside one operation, and gone with it; the container knows nothing of them.
    private static readonly string[] LiveForOneOperation = ["LlmEval.Core.Access.AuditedTransaction", "LlmEval.Core.Traces.RowKeys"];

    [Fact]
    public void NobodyIsGivenAContextOrHoldsOne()
    {
        Type[] types = [.. Product.SelectMany(assembly => assembly.GetTypes())];

        Assert.Equal(LiveForOneOperation, Holders(types).Order());
        Assert.Contains(types, type => Parameters(type).Any(p => p.ParameterType == typeof(IDbContextFactory<LlmEvalDb>)));
    }

    [Fact]
    public void NobodyAsksTheContainerForAContext()
    {
        Assert.Empty(Requests(CodeMap.Core).Concat(Requests(CodeMap.Web)));
        Assert.NotEmpty(Requests(CodeMap.Planted));
    }

    [Fact]
    public void APlantedHolderIsCaught() => Assert.Equal(
        [typeof(Planted.HoldsAContext).FullName, typeof(Planted.IsGivenAContext).FullName],
        Holders(typeof(InjectionTests).Assembly.GetTypes().Where(t => t.Namespace == typeof(Planted.IsGivenAContext).Namespace)).Order());

    private static IEnumerable<string?> Holders(IEnumerable<Type> types) =>
        from type in types
        where !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !IsContext(type)
        where Parameters(type).Any(p => IsContext(p.ParameterType))
            || type.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Any(f => IsContext(f.FieldType))
        select type.FullName;

    private static IEnumerable<string> Requests(CodeMap map) =>
        from type in map.Types
        from member in type.Members
        where member.Name is "GetRequiredService" or "GetService" && member.TypeArguments.EndsWith("Db", StringComparison.Ordinal)
        select $"{type} calls {member}";

    private static IEnumerable<ParameterInfo> Parameters(Type type) =>
        type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).SelectMany(c => c.GetParameters());

    private static bool IsContext(Type type) => typeof(DbContext).IsAssignableFrom(type);
}
