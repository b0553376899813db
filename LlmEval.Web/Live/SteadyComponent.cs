using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Live;

/// <summary>
/// A part of a live page that renders again only when a parameter has another value, or by what happens within it. The framework renders whatever takes more than plain
/// values along with its page, four times a second. Whatever else it shows has to be a parameter.
/// </summary>
public abstract class SteadyComponent : ComponentBase
{
    private IReadOnlyDictionary<string, object?>? _before;

    public override Task SetParametersAsync(ParameterView parameters)
    {
        if (_before is { } before && IsSame(parameters, before))
        {
            return Task.CompletedTask;
        }

        _before = parameters.ToDictionary()!;
        return base.SetParametersAsync(parameters);
    }

    private static bool IsSame(ParameterView parameters, IReadOnlyDictionary<string, object?> before)
    {
        foreach (ParameterValue parameter in parameters)
        {
            if (!before.TryGetValue(parameter.Name, out object? value) || !Equals(value, parameter.Value))
            {
                return false;
            }
        }

        return true;
    }
}
