using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Net;

/// <summary>What waits for a socket.</summary>
internal interface ISocketHandler
{
    /// <summary>The socket can be read, or is at its end, or broken: reading tells.</summary>
    void OnReadable();

    void OnWritable();
}

/// <summary>
/// One thread that waits for thousands of sockets at once. Directly on epoll: the load shares the machine with the server, and
/// the thread pool's way costs several times as much for each message.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int MaxEvents = 512;
    private const int TimerSlot = 0;

    // The kernel packs the structure on x64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = Stride - 8;

    private readonly int _epoll = Libc.EpollCreate(0);
    private readonly int _timer = Libc.TimerCreate(Libc.ClockMonotonic, Libc.TimerNonBlocking);
    private readonly List<ISocketHandler?> _handlers = [null];
    private readonly Stack<int> _free = [];

    public EventLoop()
    {
        Control(Libc.EpollAdd, _timer, Libc.EpollIn, TimerSlot);
    }

    /// <summary>Called at the time set by <see cref="WakeAt"/>.</summary>
    public Action? Woken { get; set; }

    /// <returns>The slot, for <see cref="Remove"/> and <see cref="WatchWrites"/>.</returns>
    public int Add(Socket socket, ISocketHandler handler, bool writes = false)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _handlers.Count;
            _handlers.Add(null);
        }

        _handlers[slot] = handler;
        Control(Libc.EpollAdd, Descriptor(socket), Interest(writes), slot);
        return slot;
    }

    /// <summary>Whether the handler wants to hear that the socket takes bytes.</summary>
    public void WatchWrites(Socket socket, int slot, bool writes) => Control(Libc.EpollChange, Descriptor(socket), Interest(writes), slot);

    public void Remove(Socket socket, int slot)
    {
        Control(Libc.EpollRemove, Descriptor(socket), 0, slot);
        _handlers[slot] = null;
        _free.Push(slot);
    }

    /// <param name="due">In ticks of <see cref="Stopwatch"/>, which on Linux are the nanoseconds of the monotonic clock.</param>
    public void WakeAt(long due)
    {
        long* value = stackalloc long[4] { 0, 0, due / 1_000_000_000, due % 1_000_000_000 };
        _ = Libc.TimerSet(_timer, Libc.TimerAbsolute, value, null);
    }

    /// <summary>Handles events until told to stop, at least ten times a second asking whether to.</summary>
    public void Run(Func<bool> stop)
    {
        byte* events = stackalloc byte[MaxEvents * Stride];
        while (!stop())
        {
            int count = Libc.EpollWait(_epoll, events, MaxEvents, 100);
            for (int i = 0; i < count; i++)
            {
                byte* one = events + (i * Stride);
                Dispatch(*(int*)one, (int)*(long*)(one + DataOffset));
            }
        }
    }

    private void Dispatch(int ready, int slot)
    {
        if (slot == TimerSlot)
        {
            long expirations;
            _ = Libc.Read(_timer, &expirations, sizeof(long));
            Woken?.Invoke();
            return;
        }

        // A handler may be gone by the time: removed by another one in the same round.
        if ((ready & Libc.EpollOut) != 0)
        {
            _handlers[slot]?.OnWritable();
        }

        if ((ready & (Libc.EpollIn | Libc.EpollHangUp | Libc.EpollError)) != 0)
        {
            _handlers[slot]?.OnReadable();
        }
    }

    private static int Interest(bool writes) => writes ? Libc.EpollIn | Libc.EpollOut : Libc.EpollIn;

    private static int Descriptor(Socket socket) => (int)socket.Handle;

    private void Control(int operation, int fd, int interest, int slot)
    {
        byte* change = stackalloc byte[16];
        *(int*)change = interest;
        *(long*)(change + DataOffset) = slot;
        if (Libc.EpollControl(_epoll, operation, fd, change) != 0)
        {
            throw new BenchFailure($"epoll_ctl failed with {Marshal.GetLastPInvokeError()}");
        }
    }

    public void Dispose()
    {
        _ = Libc.Close(_timer);
        _ = Libc.Close(_epoll);
    }
}
