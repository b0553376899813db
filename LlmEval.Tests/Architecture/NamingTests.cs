using System.Reflection;
using System.Runtime.CompilerServices;
using LlmEval.Core.Storage;

namespace LlmEval.Tests.Architecture;

public class NamingTests
{
    private static readonly string[] SaysNothing = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Impl"];

    private static readonly Type[] Product = [.. Types(typeof(LlmEvalDb).Assembly), .. Types(typeof(Program).Assembly)];

    [Fact]
    public void ANameSaysWhatATypeIs()
    {
        Assert.DoesNotContain(Product, SaysLittle);
        Assert.True(Product.Length > 20, $"Only {Product.Length} types were seen.");
        Assert.True(SaysLittle(typeof(Planted.TraceManager)));
    }

    private static bool SaysLittle(Type type) => SaysNothing.Any(suffix => type.Name.EndsWith(suffix, StringComparison.Ordinal));

    private static IEnumerable<Type> Types(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Namespace?.StartsWith("LlmEval.", StringComparison.Ordinal) == true
            && !type.IsDefined(typeof(CompilerGeneratedAttribute)));
}
