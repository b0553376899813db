using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace LlmEval.Tests.Architecture;

/// <summary>Reads a <see cref="CodeMap"/> from an assembly file.</summary>
internal sealed class CodeMapReader(string file)
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    private MetadataReader _reader = null!;
    private PEReader _pe = null!;
    private NamesInSignature _names = null!;
    private int _bodies;

    public CodeMap Read(string root)
    {
        using FileStream stream = File.OpenRead(file);
        using var pe = new PEReader(stream);
        _pe = pe;
        _reader = pe.GetMetadataReader();
        _names = new NamesInSignature(_reader);

        var types = new Dictionary<NamedType, CodeType>();
        foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
        {
            NamedType outer = _names.Definition(handle);
            if (IsGenerated(outer) || (outer.Namespace.Length > 0 && !(outer.Namespace + ".").StartsWith(root + ".", StringComparison.Ordinal)))
            {
                continue;
            }

            if (!types.TryGetValue(outer, out CodeType? type))
            {
                types.Add(outer, type = new CodeType(outer.Namespace, outer.Name));
            }

            ReadType(_reader.GetTypeDefinition(handle), type);
            type.Types.Remove(outer);
        }

        string[] references = [.. _reader.AssemblyReferences.Select(h => _reader.GetString(_reader.GetAssemblyReference(h).Name))];
        return new CodeMap(root, [.. types.Values], references, _bodies);
    }

    // <Module>, <PrivateImplementationDetails>, anonymous types.
    private static bool IsGenerated(NamedType type) => type.Namespace.Length == 0 && type.Name.StartsWith('<');

    private void ReadType(TypeDefinition definition, CodeType type)
    {
        _names.Into = type.Types;
        Name(definition.BaseType);
        foreach (InterfaceImplementationHandle handle in definition.GetInterfaceImplementations())
        {
            Name(_reader.GetInterfaceImplementation(handle).Interface);
        }

        NameConstraints(definition.GetGenericParameters());
        NameAttributes(definition.GetCustomAttributes());
        foreach (FieldDefinitionHandle handle in definition.GetFields())
        {
            FieldDefinition field = _reader.GetFieldDefinition(handle);
            field.DecodeSignature(_names, null);
            NameAttributes(field.GetCustomAttributes());
        }

        foreach (PropertyDefinitionHandle handle in definition.GetProperties())
        {
            NameAttributes(_reader.GetPropertyDefinition(handle).GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle handle in definition.GetMethods())
        {
            ReadMethod(_reader.GetMethodDefinition(handle), type);
        }
    }

    private void ReadMethod(MethodDefinition method, CodeType type)
    {
        method.DecodeSignature(_names, null);
        NameConstraints(method.GetGenericParameters());
        NameAttributes(method.GetCustomAttributes());
        foreach (ParameterHandle handle in method.GetParameters())
        {
            NameAttributes(_reader.GetParameter(handle).GetCustomAttributes());
        }

        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        _bodies++;
        MethodBodyBlock body = _pe.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Name(region.CatchType);
        }

        ReadInstructions(body.GetILReader(), type);
    }

    private void ReadInstructions(BlobReader il, CodeType type)
    {
        while (il.RemainingBytes > 0)
        {
            int code = il.ReadByte();
            if (code == 0xFE)
            {
                code = 0xFE00 | il.ReadByte();
            }

            switch (Operands[code])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok:
                    NameMember(MetadataTokens.EntityHandle(il.ReadInt32()), type, "");
                    break;
                case OperandType.InlineSwitch:
                    int targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.InlineString or OperandType.InlineSig or OperandType.ShortInlineR:
                    il.Offset += 4;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
            }
        }
    }

    private void NameMember(EntityHandle handle, CodeType type, string typeArguments)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodSpecification:
                MethodSpecification generic = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                NameMember(generic.Method, type, string.Join(",", generic.DecodeSignature(_names, null)));
                break;
            case HandleKind.MemberReference:
                MemberReference member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                string parameters = member.GetKind() == MemberReferenceKind.Method
                    ? string.Join(",", member.DecodeMethodSignature(_names, null).ParameterTypes)
                    : "";
                if (member.GetKind() == MemberReferenceKind.Field)
                {
                    member.DecodeFieldSignature(_names, null);
                }

                if (Name(member.Parent) is { } declaring)
                {
                    type.Members.Add(new NamedMember(declaring, _reader.GetString(member.Name), parameters, typeArguments));
                }

                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                if (Name(method.GetDeclaringType()) is { } own)
                {
                    type.Members.Add(new NamedMember(own, _reader.GetString(method.Name), "", typeArguments));
                }

                break;
            case HandleKind.FieldDefinition:
                Name(_reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            default:
                Name(handle);
                break;
        }
    }

    private NamedType? Name(EntityHandle handle) => handle.IsNil ? null : _names.Name(handle);

    private void NameAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle handle in attributes)
        {
            EntityHandle constructor = _reader.GetCustomAttribute(handle).Constructor;
            Name(constructor.Kind == HandleKind.MethodDefinition
                ? _reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()
                : _reader.GetMemberReference((MemberReferenceHandle)constructor).Parent);
        }
    }

    private void NameConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle handle in parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in _reader.GetGenericParameter(handle).GetConstraints())
            {
                Name(_reader.GetGenericParameterConstraint(constraint).Type);
            }
        }
    }
}
