using System.IO.Hashing;
using System.Text;

namespace LlmEval.Core.Storage;

/// <summary>Tells installations apart that share something else than their database.</summary>
internal static class StorageIdentity
{
    public static string Of(StorageOptions storage)
    {
        string place = storage.DatabaseUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            ? $"{uri.Host}:{uri.Port}{uri.AbsolutePath}"
            : $"{Environment.MachineName}:{Path.GetFullPath(storage.DataFolder)}";
        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(place)).ToString("x16");
    }
}
