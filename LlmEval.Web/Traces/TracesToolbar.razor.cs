using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace LlmEval.Web.Traces;

/// <summary>The filters. It knows no list, only addresses: what is chosen stands in the URL.</summary>
public sealed partial class TracesToolbar : IDisposable
{
    private const string Several = "*";

    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(300);

    private static readonly (string Format, string Title)[] Formats = [("jsonl", "JSONL"), ("csv", "CSV"), ("openai-chat", "OpenAI chat")];

    /// <summary>Searches on their way into the address: that they arrive is no news.</summary>
    private List<string?> _asked = [];

    private bool _panel;
    private bool _byKey;
    private string? _text;
    private string? _applied;
    private string? _known;
    private CancellationTokenSource? _typing;

    [Parameter, EditorRequired]
    public required TracesAddress Address { get; set; }

    [Parameter, EditorRequired]
    public required IEnumerable<string> ModelNames { get; set; }

    /// <summary>The viewer's, which may be known late: filters by time are told in it.</summary>
    [Parameter]
    public TimeZoneInfo? Zone { get; set; }

    [Parameter]
    public EventCallback<TracesAddress> Changed { get; set; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private string Model => Address.Filter.ModelNames.Count switch
    {
        0 => "",
        1 => Prefix(Address.Filter.ModelNames[0]),
        _ => Several,
    };

    protected override void OnParametersSet()
    {
        // Only when somebody else changed the address: neither a live render nor an answer that is late takes away what is being typed.
        string? text = Address.Filter.Text;
        if (_known == text)
        {
            return;
        }

        _known = text;
        if (!_asked.Contains(text))
        {
            _text = _applied = text;
        }

        _asked = [.. _asked.SkipWhile(asked => asked != text).Skip(1)];
    }

    private string ExportHref(string format)
    {
        string query = new TracesAddress { Filter = Address.Filter }.Query;
        return $"api/traces/export{query}{(query.Length == 0 ? '?' : '&')}format={format}";
    }

    // Told apart from the two choices that are no model.
    private static string Prefix(string model) => "=" + model;

    private static string Pressed(bool pressed) => pressed ? "true" : "false";

    private Task ToggleErrorsAsync() => Changed.InvokeAsync(Address.With(Address.Filter with { HasError = Address.Filter.HasError == true ? null : true }));

    private Task ChooseModelAsync(ChangeEventArgs e) => e.Value switch
    {
        string { Length: > 0 } choice when choice[0] == '=' => Changed.InvokeAsync(Address.With(Address.Filter with { ModelNames = [choice[1..]] })),
        "" => Changed.InvokeAsync(Address.With(Address.Filter with { ModelNames = [] })),
        _ => Task.CompletedTask,
    };

    // A click with the pointer counts, one by a key does not.
    private void TogglePanel(MouseEventArgs e) => (_panel, _byKey) = (!_panel, e.Detail == 0);

    private async Task TypeAsync(string? text)
    {
        _text = text;
        _typing?.Cancel();
        var typing = _typing = new CancellationTokenSource();
        try
        {
            await Task.Delay(TypingPause, Clock, typing.Token);
            await SearchAsync();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private Task SearchNowAsync(ChangeEventArgs e)
    {
        _text = e.Value as string;
        _typing?.Cancel();
        return SearchAsync();
    }

    private Task SearchAsync()
    {
        string? text = string.IsNullOrWhiteSpace(_text) ? null : _text.Trim();
        if (text == _applied)
        {
            return Task.CompletedTask;
        }

        _applied = text;
        _asked.Add(text);
        return Changed.InvokeAsync(Address.With(Address.Filter with { Text = text }));
    }

    public void Dispose() => _typing?.Cancel();
}
