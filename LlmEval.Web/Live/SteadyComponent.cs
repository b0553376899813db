using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Live;

/// <summary>
/// A part of a live page that renders again only when a parameter has another value, or by what happens within it. The framework renders whatever takes more than plain
/// values along with its page, four times a second. Whatever else it shows has to be a parameter.
/// </summary>
public abstract class SteadyComponent : ComponentBase
{
    // As they came. Parameters come in the order in which they stand in the markup: in another, it is other markup.
    private readonly List<(string Name, object? Value)> _before = [];

    public override Task SetParametersAsync(ParameterView parameters) =>
        Note(parameters) ? base.SetParametersAsync(parameters) : Task.CompletedTask;

    /// <returns>Whether one is another than before.</returns>
    private bool Note(ParameterView parameters)
    {
        bool changed = _before.Count == 0;
        int at = 0;
        foreach (ParameterValue parameter in parameters)
        {
            (string Name, object? Value) now = (parameter.Name, parameter.Value);
            if (at == _before.Count)
            {
                _before.Add(now);
                changed = true;
            }
            else if (_before[at].Name != now.Name || !Equals(_before[at].Value, now.Value))
            {
                _before[at] = now;
                changed = true;
            }

            at++;
        }

        return changed;
    }
}
