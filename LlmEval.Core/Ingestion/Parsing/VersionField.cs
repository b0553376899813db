using System.Text.Json;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>The version that a caller believes a trace to be at.</summary>
internal static class VersionField
{
    private const string Name = "expected_version";

    /// <returns>Null when it is null or faulty.</returns>
    public static int? Read(ref BodyReader body, ref FaultList faults)
    {
        if (body.Token == JsonTokenType.Null || FieldReader.Whole(ref body, Name, ref faults, out _) is not { } version)
        {
            return null;
        }

        if (version is < 1 or > int.MaxValue)
        {
            faults.Add(Name, $"must be between 1 and {int.MaxValue}");
            return null;
        }

        return (int)version;
    }
}
