namespace LlmEval.Tests.Architecture.Planted.Upper;

internal sealed class Above
{
    public static int Count => 1;
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class AboveAttribute : Attribute;
