using Bunit;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class TraceTableTests : BunitContext
{
    private readonly List<ListedTrace> _rows = [];

    public TraceTableTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now)));
        Services.AddSingleton<SharedRows>();
        Services.AddScoped<ViewerTime>();
    }

    [Fact]
    public void OnlyTheLastRowsThatWereDrawnAreKeptAsTheyWereDrawn()
    {
        const int Scrolled = 1_000;
        IRenderedComponent<TraceTable> table = Open();

        // Everything is in sight of a browser that does not say how high it is.
        for (int i = 0; i < Scrolled; i += 50)
        {
            _rows.Clear();
            _rows.AddRange(Enumerable.Range(i, 50).Select(n => new ListedTrace(TraceSummary.Of(SomeTraces.One($"t-{n:0000}")), fresh: false)));
            All.AddRange(_rows);
            table.Render(p => p.Add(x => x.Rows, [.. _rows]));
        }

        Assert.Equal(50, table.FindAll("tr[data-trace]").Count);
        Assert.All(_rows, row => Assert.NotNull(row.Shown));
        Assert.InRange(All.Count(row => row.Shown is not null), 50, 200);
        Assert.Equal(All.Count(row => row.Shown is not null), All.Count(row => row.Content is not null));
    }

    [Fact]
    public void ATableOfTheSameRowsElsewhereMakesItsOwn()
    {
        _rows.Add(new ListedTrace(TraceSummary.Of(SomeTraces.One("a")), fresh: false));
        Open(new TracesAddress { TraceId = "a" });

        IRenderedComponent<TraceTable> other = Open();

        Assert.Null(other.Find("tr[data-trace]").GetAttribute("class"));
    }

    [Fact]
    public async Task NothingIsTickedBeforeThereIsAList()
    {
        IRenderedComponent<TraceTable> table = Open();
        table.Render(p => p.Add(x => x.Rows, null));

        await table.InvokeAsync(() => table.Find("thead input").ChangeAsync(true));

        Assert.Equal(0, table.Instance.Selection.Count);
    }

    private List<ListedTrace> All { get; } = [];

    private IRenderedComponent<TraceTable> Open(TracesAddress? address = null) => Render<TraceTable>(p => p
        .Add(x => x.Rows, _rows)
        .Add(x => x.Address, address ?? new TracesAddress())
        .Add(x => x.Selection, new TraceSelection()));
}
