using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Traces;
using LlmEval.Core.Views;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class TracesToolbarTests : BunitContext, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    public TracesToolbarTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddScoped<ViewerTime>();
        var databases = new TestLog.NoDatabase();
        var views = new SavedViews(databases, new AuditedChanges(databases, new PostgresWriteTurn(), _time));
        Services.AddSingleton(new ViewDesk(views, SomeTrace.Project, SomeViewer.Open));
    }

    [Fact]
    public void WhatIsTypedOutlivesASearchThatComesBackLate()
    {
        var asked = new List<TracesAddress>();
        IRenderedComponent<TracesToolbar> toolbar = Render<TracesToolbar>(bar => bar
            .Add(b => b.Address, new TracesAddress())
            .Add(b => b.ModelNames, [])
            .Add(b => b.Changed, asked.Add));
        Type("sym", 1);
        Show(new TracesAddress { Compact = true });
        Assert.Equal("sym", Shown());

        Type("symphony", 2);
        Show(asked[0]);
        Assert.Equal("symphony", Shown());
        Show(asked[1]);
        Assert.Equal("symphony", Shown());

        Show(new TracesAddress { Filter = new TraceFilter { Text = "something else" } });
        Assert.Equal("something else", Shown());
        Show(new TracesAddress());
        Assert.Null(Shown());

        void Type(string text, int searches)
        {
            toolbar.Find("input[type=search]").Input(text);
            _time.Advance(TimeSpan.FromSeconds(1));
            toolbar.WaitForAssertion(() => Assert.Equal(searches, asked.Count));
        }

        void Show(TracesAddress address) => toolbar.Render(bar => bar.Add(b => b.Address, address));

        string? Shown() => toolbar.Find("input[type=search]").GetAttribute("value");
    }

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;
}
