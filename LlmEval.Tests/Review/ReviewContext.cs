using System.Text.Json;
using Bunit;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.JSInterop;
using Xunit.Sdk;

namespace LlmEval.Tests.Review;

/// <summary>Components that judge, on a database of their own, with a clock that the test moves and a browser called Ann's.</summary>
internal sealed class ReviewContext : BunitContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BunitJSModuleInterop _panel;

    private ReviewContext(TestCore core, FakeTimeProvider clock)
    {
        (Core, Clock) = (core, clock);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        JSInterop.Setup<string?>("llmevalViewer.name").SetResult("Ann");
        _panel = Watched("./Review/JudgePanel.razor.js");
        Page = Watched("./Review/ReviewPage.razor.js");
        Services.AddLive();
        Services.AddSingleton<TimeProvider>(clock);
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton(core.Get<EventHub>());
        Services.AddSingleton(core.Get<EventFeed>());
        Services.AddSingleton(TraceReads.From(core.Get<TraceQueries>(), core.Get<TraceCache>(), SomeTrace.Project));
        Services.AddSingleton(ActivatorUtilities.CreateInstance<ReviewDesk>(core.Services, SomeTrace.Project, SomeViewer.Open));
        Services.AddSingleton(SomeViewer.Open);
        Services.AddScoped<CurrentReviewer>();
        Services.AddScoped<ViewerTime>();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    public TestCore Core { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>What the script of the review page returned.</summary>
    public BunitJSModuleInterop Page { get; }

    /// <summary>What the script of the panel was asked to do.</summary>
    public IEnumerable<JSRuntimeInvocation> PanelCalls => _panel.Invocations;

    public static async Task RunAsync(DatabaseKind kind, int traces, Func<ReviewContext, Task> test)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now));
        await using TestCore core = await ReviewCore.StartAsync(kind, clock);
        await core.StoreManyAsync(traces);
        await using var context = new ReviewContext(core, clock);
        await test(context);
        await context.DisposeComponentsAsync();
    }

    /// <summary>Lets time go on until it is so: pages are told of events at most four times a second.</summary>
    public async Task UntilAsync(Action assertion)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                assertion();
                return;
            }
            catch (Exception e) when (e is XunitException or ElementNotFoundException && TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(10);
                Clock.Advance(LiveFeed.Interval);
            }
        }
    }

    /// <summary>What stands in the fields of the panel when it is asked.</summary>
    public void Typed(string reason = "", string notes = "", string? ideal = null) => _panel
        .Setup<IJSStreamReference>("typed", _ => true)
        .SetResult(new TypedText(JsonSerializer.SerializeToUtf8Bytes(ideal is null ? new { reason, notes } : (object)new { reason, notes, ideal })));

    /// <summary>The panel waits for what stands in its fields.</summary>
    /// <returns>Brings it, with these notes.</returns>
    public Action<string> TypesSlowly()
    {
        JSRuntimeInvocationHandler<IJSStreamReference> asked = _panel.Setup<IJSStreamReference>("typed", _ => true);
        return notes => asked.SetResult(new TypedText(JsonSerializer.SerializeToUtf8Bytes(new { notes })));
    }

    private BunitJSModuleInterop Watched(string path)
    {
        BunitJSModuleInterop module = JSInterop.SetupModule(path);
        module.Mode = JSRuntimeMode.Loose;
        module.SetupModule(call => call.Identifier == "watch").Mode = JSRuntimeMode.Loose;
        return module;
    }

    private sealed class TypedText(byte[] json) : IJSStreamReference
    {
        public long Length => json.Length;

        public ValueTask<Stream> OpenReadStreamAsync(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default)
        {
            Assert.True(maxAllowedSize >= json.Length);
            return ValueTask.FromResult<Stream>(new MemoryStream(json));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
