using System.Reflection;
using System.Security.Cryptography;

namespace LlmEval.Web.Sdk;

/// <summary>A file of an SDK, which the build put into this assembly (see SdkPackages.targets).</summary>
internal sealed record SdkFile(string Name, ReadOnlyMemory<byte> Content, string Sha256)
{
    private const string Prefix = "sdk/";

    /// <summary>By name. Read once: together they are a few hundred kilobytes.</summary>
    public static IReadOnlyDictionary<string, SdkFile> All { get; } = Read(typeof(SdkFile).Assembly);

    public string MediaType => Path.GetExtension(Name) switch
    {
        ".whl" => "application/zip",
        ".tgz" => "application/gzip",
        _ => "text/javascript; charset=utf-8",
    };

    /// <summary>What it is, in a line.</summary>
    public string About => Path.GetExtension(Name) switch
    {
        ".whl" => "The Python SDK, for pip",
        ".tgz" => "The JavaScript SDK, for npm; unpacked it is a folder that bundlers import as it is",
        ".mjs" => "The JavaScript SDK as one module, for pages without a bundler",
        _ => "The JavaScript SDK as one file, for Node without npm: import or require './llm-eval-sdk'",
    };

    /// <summary>The command, or the line of code, that brings it in.</summary>
    public string Usage(string url) => Path.GetExtension(Name) switch
    {
        ".whl" => $"pip install {url}",
        ".tgz" => $"npm install {url}",
        ".mjs" => $"import {{ LLMEvalClient }} from '{url}';",
        _ => $"curl -O {url}",
    };

    private static Dictionary<string, SdkFile> Read(Assembly assembly) => assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => Open(assembly, name))
        .ToDictionary(file => file.Name, StringComparer.Ordinal);

    private static SdkFile Open(Assembly assembly, string resource)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new SdkFile(resource[Prefix.Length..], content, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
