using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Bench.Circuits;

/// <summary>
/// A page of the product without a browser: it opens the circuit that the page describes, takes every render batch and says so,
/// and answers calls of scripts with next to nothing. Its socket is compressed as a browser's is, which takes memory on both sides. The server cannot
/// tell it from a tab.
/// </summary>
internal sealed partial class BareCircuit : IAsyncDisposable
{
    /// <summary>What a script returns that hands out an object.</summary>
    private const int ReturnsObject = 1;

    /// <summary>A chart takes what is new when it may draw again: the least that its script rests.</summary>
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(900);

    private readonly HubConnection _hub;
    private readonly BlazorPack _protocol = new();
    private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _batches;
    private long _objects;
    private string? _fault;

    private BareCircuit(Uri server)
    {
        IHubConnectionBuilder builder = new HubConnectionBuilder().WithUrl(
            new Uri(server, "/_blazor"), connection => connection.WebSocketConfiguration = socket => socket.DangerousDeflateOptions = new WebSocketDeflateOptions());
        builder.Services.AddSingleton<IHubProtocol>(_protocol);
        _hub = builder.Build();
        _hub.On<long, byte[]>("JS.RenderBatch", TakeBatchAsync);
        _hub.On<long, string, string?, int, long, int>("JS.BeginInvokeJS", AnswerScriptAsync);
        _hub.On<string>("JS.Error", message => { _fault = message; });
    }

    /// <summary>Render batches that were taken.</summary>
    public long Batches => Volatile.Read(ref _batches);

    public long Bytes => _protocol.Received;

    /// <summary>Opens a page and waits until it has rendered something besides its beginning.</summary>
    public static async Task<BareCircuit> OpenAsync(HttpClient http, Uri server, string path, CancellationToken cancel)
    {
        string page = await http.GetStringAsync(new Uri(server, path), cancel);
        string[] markers = [.. Markers().Matches(page).Select(m => m.Groups[1].Value)];
        BenchFailure.Unless(markers.Length > 0, $"{path} holds no component that a circuit could run");
        string state = State().Match(page) is { Success: true } found ? found.Groups[1].Value : "";
        string operations = JsonSerializer.Serialize(new
        {
            batchId = 1,
            operations = markers.Select((marker, at) => new { type = "add", ssrComponentId = at + 1, marker = JsonElement.Parse(marker) }),
        });

        var circuit = new BareCircuit(server);
        await circuit._hub.StartAsync(cancel);
        string? id = await circuit._hub.InvokeAsync<string?>("StartCircuit", server.AbsoluteUri, new Uri(server, path).AbsoluteUri, "[]", state, cancel);
        BenchFailure.Unless(id is not null, "the server did not open a circuit");
        await circuit._hub.SendAsync("UpdateRootComponents", operations, state, cancel);
        await circuit._shown.Task.WaitAsync(TimeSpan.FromSeconds(20), cancel);
        return circuit;
    }

    /// <summary>It took part to the end.</summary>
    public void Flawless() => BenchFailure.Unless(
        _fault is null && _hub.State == HubConnectionState.Connected, $"a circuit ended: {_fault ?? "its connection was closed"}");

    private Task TakeBatchAsync(long id, byte[] batch)
    {
        if (Interlocked.Increment(ref _batches) >= 3)
        {
            _shown.TrySetResult();
        }

        return _hub.SendAsync("OnRenderCompleted", id, null);
    }

    private async Task AnswerScriptAsync(long call, string identifier, string? arguments, int returns, long target, int kind)
    {
        if (identifier == "change")
        {
            // Not awaited: a browser goes on with the rest meanwhile.
            _ = AnswerAfterDrawingAsync(call);
        }
        else if (call != 0)
        {
            string result = returns == ReturnsObject ? $$"""{"__jsObjectId":{{Interlocked.Increment(ref _objects)}}}"""
                : identifier == "llmevalViewer.timeZone" ? "\"Europe/Berlin\""
                : "null";
            await _hub.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{result}]");
        }

        // Nobody else says how many rows there is room for.
        if (identifier == "Blazor._internal.Virtualize.init" && DotNetObject().Match(arguments ?? "") is { Success: true } list)
        {
            await _hub.SendAsync("BeginInvokeDotNetFromJS", "1", null, "OnSpacerAfterVisible", long.Parse(list.Groups[1].Value), "[10400,0,800]");
        }
    }

    private async Task AnswerAfterDrawingAsync(long call)
    {
        await Task.Delay(BetweenDrawings);
        if (_hub.State == HubConnectionState.Connected)
        {
            await _hub.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,null]");
        }
    }

    [GeneratedRegex("""<!--Blazor:(\{"type":"server".*?\})-->""")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();

    [GeneratedRegex("""\{"__dotNetObject":(\d+)\}""")]
    private static partial Regex DotNetObject();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();
}
