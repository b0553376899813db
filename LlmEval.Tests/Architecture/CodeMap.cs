using System.Reflection;

namespace LlmEval.Tests.Architecture;

/// <summary>A type of any assembly. A nested type counts as the one around it.</summary>
internal readonly record struct NamedType(string Assembly, string Namespace, string Name)
{
    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    public override string ToString() => FullName;
}

/// <summary>A method or field that a method body names.</summary>
/// <param name="Type">The type that declares it.</param>
/// <param name="Name">As in metadata: <c>get_Now</c>, <c>.ctor</c>.</param>
/// <param name="Parameters">The full names of the parameters' types, comma-separated; empty for a field.</param>
/// <param name="TypeArguments">Of a generic method, comma-separated.</param>
internal readonly record struct NamedMember(NamedType Type, string Name, string Parameters, string TypeArguments)
{
    public override string ToString() =>
        $"{Type}.{Name}{(TypeArguments.Length == 0 ? "" : $"<{TypeArguments}>")}{(Parameters.Length == 0 ? "" : $"({Parameters})")}";
}

/// <summary>A type with everything that it names: in signatures, attributes and method bodies, its nested types included.</summary>
internal sealed record CodeType(string Namespace, string Name)
{
    public HashSet<NamedType> Types { get; } = [];

    public HashSet<NamedMember> Members { get; } = [];

    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    public override string ToString() => FullName;
}

/// <summary>
/// What the types of an assembly name, read from its metadata rather than from using lines: neither a full name in the code
/// nor what the compiler infers escapes.
/// </summary>
/// <param name="Root">Folders are the namespaces under this one.</param>
/// <param name="Types">The types under the root, and those without a namespace (<c>Program</c>).</param>
/// <param name="References">The simple names of the assemblies it refers to.</param>
/// <param name="Bodies">How many method bodies were read.</param>
internal sealed record CodeMap(string Root, IReadOnlyList<CodeType> Types, IReadOnlyList<string> References, int Bodies)
{
    public static readonly CodeMap Core = Of(typeof(LlmEval.Core.Storage.LlmEvalDb).Assembly, "LlmEval.Core");

    public static readonly CodeMap Web = Of(typeof(Program).Assembly, "LlmEval.Web");

    /// <summary>The violations that are planted to show that the rules catch them.</summary>
    public static readonly CodeMap Planted = Of(typeof(CodeMap).Assembly, "LlmEval.Tests.Architecture.Planted");

    public static CodeMap Of(Assembly assembly, string root) => new CodeMapReader(assembly.Location).Read(root);

    /// <summary>The first namespace part under the root; null for what lies outside or directly in the root.</summary>
    public string? FolderOf(string ns) =>
        ns.StartsWith(Root + ".", StringComparison.Ordinal) ? ns[(Root.Length + 1)..].Split('.')[0] : null;
}
