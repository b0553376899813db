using Npgsql.Internal;
using Npgsql.Internal.Postgres;

namespace LlmEval.Core.Writing;

#pragma warning disable NPG9001 // What a driver's own converters are made of; its shape may change with a new version, and then this does not compile.

/// <summary>A parameter that is in PostgreSQL's binary form already.</summary>
internal readonly record struct PackedRows(ReadOnlyMemory<byte> Bytes);

/// <summary>Lets the driver pass <see cref="PackedRows"/> on as they are, as any type that a parameter names.</summary>
internal sealed class PostgresPackedRows : PgTypeInfoResolverFactory
{
    public override IPgTypeInfoResolver CreateResolver() => new Resolver();

    public override IPgTypeInfoResolver? CreateArrayResolver() => null;

    private sealed class Resolver : IPgTypeInfoResolver
    {
        public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options)
        {
            if (type != typeof(PackedRows) || dataTypeName is not { } name)
            {
                return null;
            }

            var mapping = new TypeInfoMapping(type, name, static (options, mapping, _) => mapping.CreateInfo(options, new Converter()));
            return mapping.Factory(options, mapping, true);
        }
    }

    private sealed class Converter : PgStreamingConverter<PackedRows>
    {
        public override Size GetSize(SizeContext context, PackedRows value, ref object? writeState) => value.Bytes.Length;

        public override void Write(PgWriter writer, PackedRows value) => writer.WriteBytes(value.Bytes.Span);

        public override ValueTask WriteAsync(PgWriter writer, PackedRows value, CancellationToken cancellationToken = default) =>
            writer.WriteBytesAsync(value.Bytes, cancellationToken);

        public override PackedRows Read(PgReader reader) => throw new NotSupportedException("Rows are only sent.");

        public override ValueTask<PackedRows> ReadAsync(PgReader reader, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("Rows are only sent.");
    }
}
