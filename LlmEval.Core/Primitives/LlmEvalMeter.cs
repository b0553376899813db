using System.Diagnostics.Metrics;

namespace LlmEval.Core.Primitives;

/// <summary>The meter that all instruments of the product belong to.</summary>
public static class LlmEvalMeter
{
    public const string Name = "LlmEval";

    public static Meter CreateLlmEval(this IMeterFactory meters) => meters.Create(Name);
}
