using LlmEval.Tests.Architecture.Planted.Upper;

namespace LlmEval.Tests.Architecture.Planted.Primitives;

internal sealed class InASignature
{
    public static void Take(Above? _)
    {
    }
}

internal static class InABody
{
    public static int Count() => Above.Count;
}

[Above]
internal static class InAnAttribute;

internal static class InALambda
{
    public static Func<int> Count() => () => Above.Count;
}

internal static class AsAGenericArgument
{
    public static object List() => new List<Above>();
}
