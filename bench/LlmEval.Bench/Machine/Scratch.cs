namespace LlmEval.Bench.Machine;

/// <summary>A folder for one run's databases and logs, removed at the end unless it is to be looked at.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly bool _keep;

    public Scratch(bool keep)
    {
        _keep = keep;
        Folder = Directory.CreateTempSubdirectory("llmeval-bench-").FullName;

        // The database server runs under a user of its own and has to come through here.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
    }

    public string Folder { get; }

    public string Sub(string name) => Path.Combine(Folder, name);

    public void Dispose()
    {
        if (_keep)
        {
            Console.Error.WriteLine($"kept: {Folder}");
            return;
        }

        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException fault)
        {
            Console.Error.WriteLine($"could not remove {Folder}: {fault.Message}");
        }
    }
}
