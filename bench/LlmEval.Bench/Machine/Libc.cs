using System.Runtime.InteropServices;

namespace LlmEval.Bench.Machine;

/// <summary>The few calls of Linux that .NET has no word for.</summary>
internal static unsafe partial class Libc
{
    public const int SigTerm = 15;
    public const int SigStop = 19;
    public const int SigCont = 18;

    public const int EpollIn = 0x001;
    public const int EpollOut = 0x004;
    public const int EpollError = 0x008;
    public const int EpollHangUp = 0x010;

    public const int EpollAdd = 1;
    public const int EpollRemove = 2;
    public const int EpollChange = 3;

    public const int ClockMonotonic = 1;
    public const int TimerAbsolute = 1;
    public const int TimerNonBlocking = 0x800;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    public static partial int TimerCreate(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    public static partial int TimerSet(int fd, int flags, long* value, long* old);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int ChangeLimit(int pid, int resource, ulong* changed, ulong* before);

    /// <summary>How long the files may grow that a process writes.</summary>
    /// <param name="bytes">Null lifts the limit.</param>
    public static void LimitFileSize(int pid, ulong? bytes)
    {
        const int fileSize = 1;
        ulong* limits = stackalloc ulong[2] { bytes ?? ulong.MaxValue, ulong.MaxValue };
        BenchFailure.Unless(ChangeLimit(pid, fileSize, limits, null) == 0, $"prlimit failed with {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();
}
