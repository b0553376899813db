using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace LlmEval.Tests.Architecture;

/// <summary>Notes every type that a signature names, and writes the signature's types as text.</summary>
internal sealed class NamesInSignature(MetadataReader reader) : ISignatureTypeProvider<string, object?>
{
    private readonly string _self = reader.GetString(reader.GetAssemblyDefinition().Name);

    // The generic type that a type specification instantiates: the first one that its signature names.
    private NamedType? _first;

    /// <summary>Where the names go.</summary>
    public HashSet<NamedType> Into { get; set; } = [];

    /// <summary>Notes a type; for a constructed one, its parts too.</summary>
    /// <returns>Null for an array or a generic parameter.</returns>
    public NamedType? Name(EntityHandle handle)
    {
        _first = null;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                Note(Definition((TypeDefinitionHandle)handle));
                break;
            case HandleKind.TypeReference:
                Note(Reference((TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
        }

        return _first;
    }

    public NamedType Definition(TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        return type.IsNested
            ? Definition(type.GetDeclaringType())
            : new NamedType(_self, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    public NamedType Reference(TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => Reference((TypeReferenceHandle)type.ResolutionScope),
            HandleKind.AssemblyReference => new NamedType(
                reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name),
                reader.GetString(type.Namespace),
                reader.GetString(type.Name)),
            _ => new NamedType(_self, reader.GetString(type.Namespace), reader.GetString(type.Name)),
        };
    }

    private string Note(NamedType type)
    {
        Into.Add(type);
        _first ??= type;
        return type.FullName;
    }

    public string GetTypeFromDefinition(MetadataReader _, TypeDefinitionHandle handle, byte rawTypeKind) => Note(Definition(handle));

    public string GetTypeFromReference(MetadataReader _, TypeReferenceHandle handle, byte rawTypeKind) => Note(Reference(handle));

    public string GetTypeFromSpecification(MetadataReader _, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, null);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(",", typeArguments)}>";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[]";

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function";
}
