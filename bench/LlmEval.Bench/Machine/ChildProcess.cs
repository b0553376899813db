using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LlmEval.Bench.Machine;

/// <summary>A process that this one started: its output goes to a file, and it does not outlive us.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly ConcurrentDictionary<ChildProcess, byte> Alive = [];

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _gate = new();
    private bool _logClosed;

    private ChildProcess(Process process, string logPath)
    {
        _process = process;
        LogPath = logPath;
        _log = new StreamWriter(logPath, append: true) { AutoFlush = true };
    }

    public string LogPath { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static ChildProcess Start(
        string logPath,
        string program,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string?>>? environment = null,
        string? workingFolder = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingFolder ?? Path.GetDirectoryName(logPath)!,
        };
        foreach ((string name, string? value) in environment ?? [])
        {
            info.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (Win32Exception fault)
        {
            throw new BenchFailure($"{program} could not be started: {fault.Message}");
        }

        var child = new ChildProcess(process, logPath);
        process.OutputDataReceived += (_, e) => child.Write(e.Data);
        process.ErrorDataReceived += (_, e) => child.Write(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Alive[child] = 0;
        return child;
    }

    /// <summary>Runs a tool to its end.</summary>
    public static async Task RunAsync(string logPath, string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using ChildProcess child = Start(logPath, program, arguments);
        await child._process.WaitForExitAsync(cancel);
        BenchFailure.Unless(child.ExitCode == 0, $"{program} ended with {child.ExitCode}:\n{child.LastWords()}");
    }

    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            _ = Libc.Kill(_process.Id, signal);
        }
    }

    /// <summary>SIGKILL, and wait until it is gone.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <returns>False when it still runs at the deadline.</returns>
    public async Task<bool> WaitForExitAsync(TimeSpan atMost)
    {
        using var deadline = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Everything it has said.</summary>
    public string ReadLog()
    {
        lock (_gate)
        {
            using var log = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return log.ReadToEnd();
        }
    }

    public string LastWords()
    {
        lock (_gate)
        {
            return string.Join('\n', File.ReadLines(LogPath).TakeLast(25));
        }
    }

    [ModuleInitializer]
    internal static void KillAllAtExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (ChildProcess child in Alive.Keys)
        {
            child.Signal(SigKill);
        }
    };

    private const int SigKill = 9;

    private void Write(string? line)
    {
        lock (_gate)
        {
            if (line is not null && !_logClosed)
            {
                _log.WriteLine(line);
            }
        }
    }

    public void Dispose()
    {
        Kill();
        Alive.TryRemove(this, out _);
        _process.Dispose();
        lock (_gate)
        {
            _logClosed = true;
            _log.Dispose();
        }
    }
}
